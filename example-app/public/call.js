import { csrfValue } from './csrfValue.js';
import { exchange } from './exchange.js';

let refreshing;

/** Differs after each log-in, which has a new CSRF value, and after each refresh, in whichever tab it was. */
function currentTokens() {
  return `${csrfValue('csrf_access_token')} ${localStorage.getItem('refreshed')}`;
}

/** Retries with a new access token if the old one has ended. Throws Refusal if the answer is not a 2xx. */
export async function call(method, path, body) {
  const before = currentTokens();
  try {
    return await send(method, path, 'csrf_access_token', body);
  } catch (error) {
    if (error.status !== 401) throw error;
    // A pending refresh, or another tab, may have replaced the token of this call.
    await refreshing;
    if (currentTokens() === before) {
      if (error.code !== 'expired' && !isRefreshable()) throw error;
      await refresh();
    }
    return send(method, path, 'csrf_access_token', body);
  }
}

/** Whether the browser has dropped the access cookie because it ended, and still has the other one. */
function isRefreshable() {
  return csrfValue('csrf_access_token') === undefined && csrfValue('csrf_refresh_token') !== undefined;
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
export function send(method, path, csrfCookie, body) {
  const csrf = method === 'GET' ? undefined : (csrfValue(csrfCookie) ?? '');
  return exchange({ method, path, csrf, body });
}
