const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

/** Whether keys may be fetched from a URL: over HTTPS, or over plain HTTP from this machine (RFC 8725 §3.10). */
export function isTrustworthyUrl(value: unknown): boolean {
  if (typeof value !== 'string' || !URL.canParse(value)) return false;
  const { protocol, username, password } = new URL(value);
  if (username !== '' || password !== '') return false;
  return protocol === 'https:' || (protocol === 'http:' && isOnLoopback(value));
}

export function isOnLoopback(url: string): boolean {
  return LOOPBACK.test(new URL(url).hostname);
}
