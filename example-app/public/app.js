import { askPassword } from './askPassword.js';
import { call, refresh, send } from './call.js';
import { csrfValue } from './csrfValue.js';
import { sessionItem } from './sessionItem.js';
import { tell } from './tell.js';

const find = (selector) => document.querySelector(selector);

on('#log-in', 'submit', async (event) => {
  await logIn(fieldsOf(event.target));
  return 'Logged in';
});

on('#sign-up', 'submit', async (event) => {
  const credentials = fieldsOf(event.target);
  await call('POST', '/signup', credentials);
  await logIn(credentials);
  return 'Signed up, and logged in';
});

on('#who-am-i', 'click', async () => {
  await showMe();
  return `You are ${find('#my-name').textContent}`;
});

on('#refresh', 'click', async () => {
  await refresh();
  await showMe();
  await showSessions();
  return 'Refreshed: the new token is not fresh';
});

on('#change-password', 'submit', async (event) => {
  const { password } = fieldsOf(event.target);
  await withFreshness(() => call('POST', '/password', { password }));
  event.target.reset();
  await showSessions();
  return 'Password changed';
});

on('#list-users', 'click', async () => {
  const users = await call('GET', '/admin/users');
  const lines = users.map(({ name, roles }) => item([name, ...roles].join(', ')));
  find('#users').replaceChildren(...lines);
  return `Users: ${users.length}`;
});

on('#log-out', 'click', logOut);

on('#log-out-everywhere', 'click', async () => {
  await call('DELETE', '/sessions');
  showOutside();
  return 'Logged out everywhere';
});

await start();

async function start() {
  // The access cookie may have ended; the other one gives a new one.
  if ((csrfValue('csrf_access_token') ?? csrfValue('csrf_refresh_token')) === undefined) return showOutside();
  try {
    await showInside();
  } catch (error) {
    showOutside();
    tell(find('#log-in').closest('.card'), error.message, true);
  }
}

async function logIn(credentials) {
  await openSession(credentials);
  await showInside();
  for (const form of document.forms) form.reset();
  find('#me-title').focus();
}

/** A wrong password does not log out, unlike other 401s. */
async function openSession(credentials) {
  try {
    await call('POST', '/session', credentials);
  } catch (error) {
    throw new Error(error.message, { cause: error });
  }
}

/** Asks for the password if the last log-in was too long ago, and retries. */
async function withFreshness(action) {
  try {
    return await action();
  } catch (error) {
    if (error.code !== 'not fresh') throw error;
    const username = find('#my-name').textContent;
    const isRight = await askPassword((password) => openSession({ username, password }));
    if (!isRight) throw new Error('Nothing was changed', { cause: error });
    return action();
  }
}

async function logOut() {
  await send('DELETE', '/session', 'csrf_refresh_token');
  showOutside();
  return 'Logged out';
}

async function showInside() {
  await showMe();
  await showSessions();
  find('#outside').hidden = true;
  find('#inside').hidden = false;
}

async function showMe() {
  const { name, roles } = await call('GET', '/me');
  find('#my-name').textContent = name;
  find('#my-roles').textContent = roles.join(', ') || 'none';
  // For password managers, which need the name.
  for (const field of document.querySelectorAll('.my-username')) field.defaultValue = name;
}

async function showSessions() {
  const sessions = await call('GET', '/sessions');
  find('#sessions').replaceChildren(
    ...sessions.map((session) => {
      const element = sessionItem(session);
      on(element.querySelector('button'), 'click', () => (session.isThis ? logOut() : endSession(session)));
      return element;
    }),
  );
}

async function endSession({ sid }) {
  await call('DELETE', `/sessions/${sid}`);
  await showSessions();
  // The button that had the focus is gone.
  find('#sessions-title').focus();
  return 'Session ended';
}

function showOutside() {
  find('#sessions').replaceChildren();
  find('#users').replaceChildren();
  for (const form of document.forms) form.reset();
  const wasInside = !find('#inside').hidden;
  find('#inside').hidden = true;
  find('#outside').hidden = false;
  if (wasInside) find('#name').focus();
}

/** Runs an action, and says in its card what came of it. */
function on(target, type, action) {
  const element = typeof target === 'string' ? find(target) : target;
  element.addEventListener(type, async (event) => {
    event.preventDefault();
    // Before the action, which may remove the element.
    const card = element.closest('.card');
    try {
      tell(card, await action(event), false);
    } catch (error) {
      if (error.status === 401) showOutside();
      tell(card, error.message, true);
    }
  });
}

function fieldsOf(form) {
  return Object.fromEntries(new FormData(form));
}

function item(text) {
  const element = document.createElement('li');
  element.textContent = text;
  return element;
}
