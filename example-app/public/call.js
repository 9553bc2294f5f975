import { csrfValue } from './csrfValue.js';
import { Refusal } from './Refusal.js';

let refreshing;

/** Tries again with a new access token where the old one has ended. Throws Refusal for whatever is not a 2xx. */
export async function call(method, path, body) {
  const before = csrfValue('csrf_access_token');
  try {
    return await send(method, path, 'csrf_access_token', body);
  } catch (error) {
    if (error.status !== 401) throw error;
    // A refresh that was under way, or another tab, may have replaced the token that this call went out with.
    await refreshing;
    if (csrfValue('csrf_access_token') === before) {
      if (error.code !== 'expired') throw error;
      await refresh();
    }
    return send(method, path, 'csrf_access_token', body);
  }
}

/** Once for all that wait: a refresh token is good for one refresh. */
export function refresh() {
  refreshing ??= refreshOnce().finally(() => {
    refreshing = undefined;
  });
  return refreshing;
}

async function refreshOnce() {
  const before = csrfValue('csrf_refresh_token');
  try {
    await send('POST', '/session/refresh', 'csrf_refresh_token');
  } catch (error) {
    // Another tab has been first, and its tokens are here for this one too.
    if (error.status !== 401 || csrfValue('csrf_refresh_token') === before) throw error;
  }
}

/** Tokens ride in cookies by themselves; the CSRF value shows that it is this page which asks. */
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
