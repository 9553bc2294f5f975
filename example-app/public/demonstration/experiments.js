import { call } from '../call.js';
import { exchange, exchanges } from '../exchange.js';
import { claimsOf, tampered } from './claimsOf.js';
import { element } from './element.js';
import { because, chip } from './exchangeItem.js';
import { reasonOf } from './reasons.js';
import { hasPassed, isFresh, showToken } from './tokenPanel.js';

/** Each does what it says, and returns what to learn from it. */
const EXPERIMENTS = {
  async expire() {
    await call('POST', '/demonstration/expiring');
    await showToken();
    await hasPassed('exp');
    await call('GET', '/me');
    return 'So the page refreshed it, and asked again. You would not have noticed.';
  },

  async age() {
    await showToken();
    if (isFresh()) {
      await call('POST', '/demonstration/aging');
      await showToken();
      await hasPassed('fresh');
    }
    await call('GET', '/demonstration/fresh');
  },

  async tamper() {
    const { access_token: token } = await aPhone();
    await exchange({ method: 'GET', path: '/admin/users', token: tampered(token, { roles: ['admin'] }) });
  },

  async dropCsrf() {
    // Were it not refused, the body would be: nothing can change.
    await exchange({ method: 'POST', path: '/password', body: {} });
  },

  async reuse() {
    const stolen = (await aPhone()).refresh_token;
    let latest = stolen;
    let access;
    for (let i = 0; i < 2; i++) {
      ({ access_token: access, refresh_token: latest } = await refreshed(latest));
    }
    await isRefused(refreshed(stolen));
    await isRefused(exchange({ method: 'GET', path: '/me', token: access }));
    return 'Nobody can tell the thief from the owner, so the session ended for both.';
  },

  async revoke() {
    const { access_token: token } = await aPhone();
    await exchange({ method: 'GET', path: '/me', token });
    await call('DELETE', `/sessions/${claimsOf(token).sid}`);
    await exchange({ method: 'GET', path: '/me', token });
  },
};

/** Connects each button with its experiment. What came of it shows below the button. */
export function startExperiments() {
  for (const button of document.querySelectorAll('[data-experiment]')) {
    const outcome = button.parentElement.querySelector('.outcome');
    button.addEventListener('click', async () => {
      if (button.ariaDisabled === 'true') return;
      // Not `disabled`, which would lose the focus.
      button.ariaDisabled = 'true';
      outcome.replaceChildren();
      const steps = [];
      const note = ({ detail }) => steps.push(detail);
      exchanges.addEventListener('exchange', note);
      const lesson = await EXPERIMENTS[button.dataset.experiment]().catch((error) => told(error));
      exchanges.removeEventListener('exchange', note);
      outcome.replaceChildren(...summaryOf(steps, lesson));
      button.ariaDisabled = 'false';
    });
  }
}

/** A second session of the same user, whose tokens this page holds, to attack them. */
function aPhone() {
  return call('POST', '/demonstration/phone');
}

function refreshed(token) {
  return exchange({ method: 'POST', path: '/refresh', token });
}

async function isRefused(answer) {
  await answer.catch((error) => told(error));
}

/** A refusal is what an experiment is for, and the steps tell of it. Anything else, such as no network, is told. */
function told(error) {
  return error.status === undefined ? error.message : undefined;
}

function summaryOf(steps, lesson) {
  // Looking at the token is no part of it.
  const requests = steps.filter(({ path }) => path !== '/demonstration/token');
  const reasons = new Set(requests.map(({ headers }) => headers.get('X-Jwt-Code')).filter(Boolean));
  return [
    element('ol', { class: 'steps' }, ...requests.map((step) => stepItem(step))),
    ...[...reasons].map((code) => element('p', {}, ...because(reasonOf(code)))),
    ...(lesson ? [element('p', {}, lesson)] : []),
    element('p', { class: 'to-wire' }, element('a', { href: '#wire-title' }, 'See it on the wire')),
  ];
}

function stepItem({ method, path, status }) {
  const short = path.replace(/[\w-]{36}$/, '…');
  return element('li', {}, `${method} ${short} `, chip(status));
}
