import { Refusal } from './Refusal.js';

/** Tells of each request of this page, in an event `exchange` with what was sent and what came back. */
export const exchanges = new EventTarget();

/**
 * Sends a request, and throws Refusal if the answer is not a 2xx. The browser adds the cookies, unless there is a `token`
 * for the Authorization header: then the request is as from another device.
 */
export async function exchange({ method, path, csrf, token, body }) {
  const answer = await fetch(path, {
    method,
    credentials: token === undefined ? 'same-origin' : 'omit',
    headers: {
      ...(token !== undefined && { Authorization: `Bearer ${token}` }),
      ...(csrf !== undefined && { 'X-CSRF-TOKEN': csrf }),
      ...(body && { 'Content-Type': 'application/json' }),
    },
    ...(body && { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  const { status, statusText, headers } = answer;
  const detail = { method, path, csrf, token, status, statusText, headers, text };
  exchanges.dispatchEvent(new CustomEvent('exchange', { detail }));
  if (!answer.ok) throw new Refusal(status, text);
  return text === '' ? undefined : JSON.parse(text);
}
