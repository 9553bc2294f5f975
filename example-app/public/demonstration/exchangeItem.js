import { element } from './element.js';
import { policyOf } from './policyOf.js';
import { reasonOf } from './reasons.js';

const RODE = { headers: 'in the Authorization header', cookies: 'in a cookie' };

/** One request and its answer, as they went. */
export function exchangeItem({ method, path, csrf, status, statusText, headers, text, rode, routes }) {
  const code = headers.get('X-Jwt-Code');
  const reason = reasonOf(code);
  const isMissing = code === 'ERR_JWT_MISSING';
  const lines = [
    ['Token', isMissing ? 'none' : (RODE[rode] ?? 'none')],
    ...(method !== 'GET' && rode === 'cookies' ? [['CSRF', csrf ? 'sent in X-CSRF-TOKEN' : 'not sent']] : []),
    ['Policy', policyOf(routes, method, path) ?? 'no such route'],
    ...(code ? [['Code', code]] : []),
    ['Challenge', headers.get('WWW-Authenticate')],
    ['Body', bodyOf(text)],
  ].filter(([, value]) => value);
  const list = element('dl', {});
  for (const [name, value] of lines) list.append(element('dt', {}, name), element('dd', {}, value));
  if (reason) list.append(element('dt', {}, 'Why'), element('dd', { class: 'why' }, ...because(reason)));
  const head = element(
    'summary',
    {},
    element('span', { class: 'verb' }, method),
    ' ',
    element('span', { class: 'path' }, path),
    ' ',
    chip(status, ` ${statusText}`),
  );
  return element('li', {}, element('details', { open: '' }, head, list));
}

/** A sentence, with a link to the page that says more. */
export function because({ sentence, href, page }) {
  const link = element('a', { href, target: '_blank', rel: 'noopener' }, `docs/${page}.md`);
  return [`${sentence} `, link];
}

/** A status, coloured. Where there is little room it stands without words. */
export function chip(status, words = '') {
  const kind = status < 400 ? 'good' : 'bad';
  return element('span', { class: `chip ${kind}` }, `${status}`, element('span', { class: 'words' }, words));
}

/** A body as it is, but for tokens: who reads over your shoulder could use them. */
function bodyOf(text) {
  const isLong = text.length > 60;
  const shortened = text.replaceAll(/"eyJ[\w.-]+"/g, '"eyJ…"');
  return isLong && /^[{[]/.test(text) ? JSON.stringify(JSON.parse(shortened), undefined, 2) : shortened;
}
