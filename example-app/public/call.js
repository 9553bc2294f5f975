import { csrfValue } from './csrfValue.js';
import { Refusal } from './Refusal.js';

let refreshing;

/** Differs after each log-in, which has a new CSRF value, and after each refresh, in whichever tab it was. */
function currentTokens() {
  return `${csrfValue('csrf_access_token')} ${localStorage.getItem('refreshed')}`;
}

/** Retries with a new access token if the old one has expired. Throws Refusal if the answer is not a 2xx. */
export async function call(method, path, body) {
  const before = currentTokens();
  try {
    return await send(method, path, 'csrf_access_token', body);
  } catch (error) {
    if (error.status !== 401) throw error;
    // A pending refresh, or another tab, may have replaced the token of this call.
    await refreshing;
    if (currentTokens() === before) {
      if (error.code !== 'expired') throw error;
      await refresh();
    }
    return send(method, path, 'csrf_access_token', body);
  }
}

/** One refresh for all who wait, because a refresh token works once. */
export function refresh() {
  refreshing ??= refreshOnce().finally(() => {
    refreshing = undefined;
  });
  return refreshing;
}

async function refreshOnce() {
  const before = currentTokens();
  try {
    await send('POST', '/session/refresh', 'csrf_refresh_token');
    localStorage.setItem('refreshed', crypto.randomUUID());
  } catch (error) {
    // Another tab was first, and its tokens work here too.
    if (error.status !== 401 || currentTokens() === before) throw error;
  }
}

/** The browser sends tokens in cookies; the CSRF value proves that this page sends the request. */
export async function send(method, path, csrfCookie, body) {
  const answer = await fetch(path, {
    method,
    headers: {
      ...(method !== 'GET' && { 'X-CSRF-TOKEN': csrfValue(csrfCookie) ?? '' }),
      ...(body && { 'Content-Type': 'application/json' }),
    },
    ...(body && { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  if (answer.ok) return text === '' ? undefined : JSON.parse(text);
  throw new Refusal(answer.status, text);
}
