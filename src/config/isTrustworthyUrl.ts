const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

/** Completes "must be …". */
export const TRUSTWORTHY_URL =
  'an https: URL, or on this machine an http: one; dangerouslyAllowHttp allows http: elsewhere';

/**
 * Whether keys may be fetched from a URL: over HTTPS, or over plain HTTP from this machine (RFC 8725 §3.10), or from
 * anywhere if the application says so.
 */
export function isTrustworthyUrl(value: unknown, allowsHttp = false): boolean {
  if (typeof value !== 'string' || !URL.canParse(value)) return false;
  const { protocol, username, password } = new URL(value);
  if (username !== '' || password !== '') return false;
  return protocol === 'https:' || (protocol === 'http:' && (allowsHttp || isOnLoopback(value)));
}

export function isOnLoopback(url: string): boolean {
  return LOOPBACK.test(new URL(url).hostname);
}
