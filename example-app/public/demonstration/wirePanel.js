import { csrfValue } from '../csrfValue.js';
import { exchanges } from '../exchange.js';
import { exchangeItem } from './exchangeItem.js';
import { element } from './element.js';

const MOST_GROUPS = 20;
const groups = document.querySelector('#wire-groups');
const empty = document.querySelector('#wire-empty');
const clear = document.querySelector('#wire-clear');
let title = 'The page opens';
let group;

/** Lists each request of the page under the button that caused it, the last button first. */
export function followWire(routes) {
  // Enter in a form clicks its button too.
  document.addEventListener('click', (event) => startGroup(event.target.closest('button')), true);
  clear.addEventListener('click', () => {
    groups.replaceChildren();
    show();
    document.querySelector('#wire-title').focus();
  });
  exchanges.addEventListener('exchange', async ({ detail }) => {
    const rode = locationOf(detail);
    const item = exchangeItem({ ...detail, rode, routes: await routes });
    const list = groupFor(title);
    fold(list.lastChild);
    list.append(item);
    show();
  });
}

function startGroup(button) {
  if (button === null || button.id === clear.id) return;
  title = button.ariaLabel ?? button.textContent.trim();
  group = undefined;
}

function groupFor(title) {
  if (group?.isConnected) return group;
  for (const old of groups.querySelectorAll('details[open]')) old.open = false;
  group = element('ol', {});
  groups.prepend(element('li', { class: 'group' }, element('p', { class: 'cause' }, title), group));
  while (groups.children.length > MOST_GROUPS) groups.lastChild.remove();
  groups.scrollTop = 0;
  return group;
}

/** Keeps the latest request of a group open, and the refused ones. */
function fold(item) {
  if (item && !item.querySelector('.chip.bad')) item.querySelector('details').open = false;
}

function show() {
  const isEmpty = groups.children.length === 0;
  empty.hidden = !isEmpty;
  groups.hidden = clear.hidden = isEmpty;
}

/** Where the token was: as the guard says, or, for a route without a guard, as this page sent it. */
function locationOf({ headers, token }) {
  const told = headers.get('X-Jwt-Location');
  if (told !== null) return told;
  if (token !== undefined) return 'headers';
  return csrfValue('csrf_access_token') === undefined ? undefined : 'cookies';
}
