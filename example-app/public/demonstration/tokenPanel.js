import { exchange, exchanges } from '../exchange.js';
import { element } from './element.js';

/** After these the browser has another access token. */
const GIVES_TOKEN = ['POST /session', 'POST /session/refresh', 'POST /password'];

/** What the members of a token mean. The others come last. */
const ABOUT = {
  alg: () => 'how it is signed',
  typ: () => 'what it is',
  sub: () => 'the id of the user',
  roles: () => 'from a loader of this application',
  type: () => 'not a refresh token',
  iat: (time) => `made at ${clockTime(time)}`,
  exp: (time) => `ends at ${clockTime(time)}`,
  fresh: (value) =>
    typeof value === 'number'
      ? `a recent log-in until ${clockTime(value)}`
      : `${value ? '' : 'not '}from a recent log-in`,
  sid: () => 'its session',
  jti: () => 'its own id',
  csrf: () => 'what X-CSRF-TOKEN must say',
  nbf: (time) => `not before ${clockTime(time)}`,
  gen: () => 'how often you logged out everywhere',
};

const find = (selector) => document.querySelector(selector);
let shown;

/** Keeps the panel of the access token up to date. */
export function followToken() {
  find('#token details').open = matchMedia('(min-width: 60rem)').matches;
  exchanges.addEventListener('exchange', ({ detail: { method, path, status, token } }) => {
    if (status >= 300 || token !== undefined) return;
    const isNew = GIVES_TOKEN.includes(`${method} ${path}`) || (path === '/me' && shown === undefined);
    // Without an answer there is nothing to show. The request that made the page ask has been answered.
    if (isNew) showToken().catch(() => undefined);
    if (method === 'DELETE' && ['/session', '/sessions'].includes(path)) shown = undefined;
  });
  setInterval(tick, 250);
}

/** Asks the server what the access token says, because the page cannot read it, and shows that. */
export async function showToken() {
  const { header, claims, now } = await exchange({ method: 'GET', path: '/demonstration/token' });
  // The clocks are those of the server: the visitor's may be wrong.
  shown = { claims, skew: now - Date.now() / 1000 };
  const members = { ...header, ...claims };
  const names = new Set([...Object.keys(ABOUT), ...Object.keys(members)]);
  const lines = [...names].filter((name) => name in members).flatMap((name) => lineOf(name, members[name]));
  find('#claims').replaceChildren(...lines);
  tick();
}

export function isFresh() {
  const { fresh } = shown.claims;
  return fresh === true || fresh > now();
}

/** Resolves when a claim of the shown token, a time, has passed. */
export async function hasPassed(claim) {
  const left = () => (shown.claims[claim] - now()) * 1000;
  while (left() > 0) await new Promise((resolve) => setTimeout(resolve, left() + 20));
  tick();
}

function now() {
  return Date.now() / 1000 + shown.skew;
}

function tick() {
  if (shown === undefined) return;
  const { iat, exp, fresh } = shown.claims;
  showClock('#end-clock', exp, iat, 'Ends in', 'Ended');
  // Until a time, or for as long as the token lives, or not at all.
  const until = fresh === true ? exp : fresh || 0;
  showClock('#fresh-clock', until, iat, 'Fresh for', 'Not fresh');
}

function showClock(selector, end, start, label, over) {
  const clock = find(selector);
  const left = end === undefined ? Infinity : Math.max(0, end - now());
  clock.classList.toggle('over', left === 0);
  clock.querySelector('.clock-label').textContent = left === 0 ? over : label;
  clock.querySelector('.clock-time').textContent = inMinutes(left);
  const bar = clock.querySelector('progress');
  bar.max = Math.max(1, Number.isFinite(end - start) ? end - start : 1);
  bar.value = Math.min(bar.max, left);
}

function inMinutes(left) {
  if (left === Infinity) return 'never';
  const seconds = Math.ceil(left);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

function lineOf(name, value) {
  return [
    element('dt', {}, name),
    element(
      'dd',
      {},
      element('code', {}, JSON.stringify(value)),
      ' ',
      element('span', { class: 'hint' }, ABOUT[name]?.(value) ?? ''),
    ),
  ];
}

function clockTime(seconds) {
  return new Date(seconds * 1000).toLocaleTimeString();
}
