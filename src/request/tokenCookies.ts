import { stringifySetCookie, type SetCookie } from 'cookie';
import type { Context } from 'koa';
import { toSeconds } from '../config/lifetime';
import type { JwtConfig } from '../JwtConfig';
import type { TokenType, VerifiedToken } from '../VerifiedToken';
import { cookieNames } from './cookieNames';

/** What a call may say of the cookies that it sets. */
export interface CookieOptions {
  /** How long they live, in seconds or with a unit, and never longer than the token; 0 ends them at once. */
  readonly maxAge?: number | string;
  /** Instead of the configured `cookieDomain`. */
  readonly domain?: string;
}

/** Which cookies to end. */
export interface UnsetOptions {
  /** The domain with which the cookies were set, if not the configured `cookieDomain`. */
  readonly domain?: string;
}

/** What browsers keep at most (RFC 6265bis §5.5): 400 days. */
const LONGEST_COOKIE = 400 * 86_400;

/** Sets the cookies of a token that was verified: its own, and one with its CSRF value for scripts to read. */
export function setTokenCookies(
  ctx: Context,
  text: string,
  { payload }: VerifiedToken,
  config: JwtConfig,
  options: CookieOptions,
): void {
  const names = cookieNames(config, payload.type);
  const shared = { ...sharedAttributes(config, options.domain), ...lifetime(payload.exp, config, options) };
  append(ctx, { name: names.cookie, value: text, path: names.path, httpOnly: true, ...shared });
  if (config.csrfInCookies && config.cookieCsrfProtect && typeof payload.csrf === 'string') {
    append(ctx, { name: names.csrfCookie, value: payload.csrf, path: names.csrfPath, ...shared });
  }
  // RFC 6750 §5.3: whoever keeps this answer keeps the token.
  ctx.set('Cache-Control', 'no-store');
}

/** Ends the cookies, which takes the name, path and domain with which they were set. */
export function unsetTokenCookies(ctx: Context, type: TokenType, config: JwtConfig, domain?: string): void {
  const names = cookieNames(config, type);
  const ended = { ...sharedAttributes(config, domain), value: '', maxAge: 0, expires: new Date(0) };
  append(ctx, { name: names.cookie, path: names.path, httpOnly: true, ...ended });
  if (config.csrfInCookies && config.cookieCsrfProtect) {
    append(ctx, { name: names.csrfCookie, path: names.csrfPath, ...ended });
  }
  ctx.set('Cache-Control', 'no-store');
}

/**
 * Not through `ctx.cookies`, which refuses Secure cookies on a connection that is not encrypted. Behind a proxy
 * that ends TLS, and on http://localhost, they are right: it is for the browser to keep them to itself elsewhere.
 */
function append(ctx: Context, cookie: SetCookie): void {
  ctx.append('Set-Cookie', stringifySetCookie(cookie));
}

type Attributes = Pick<SetCookie, 'domain' | 'secure' | 'sameSite' | 'maxAge'>;

function sharedAttributes(config: JwtConfig, domain = config.cookieDomain): Attributes {
  const sameSite = SAME_SITE[config.cookieSameSite];
  return { ...(domain !== undefined && { domain }), secure: config.cookieSecure, sameSite };
}

const SAME_SITE = { Lax: 'lax', Strict: 'strict', None: 'none' } as const;

/** Nothing for a session cookie. Throws TypeError for a `maxAge` that is no duration. */
function lifetime(exp: number | undefined, config: JwtConfig, options: CookieOptions): Attributes {
  const ofToken = exp === undefined ? LONGEST_COOKIE : Math.max(0, Math.floor(exp - Date.now() / 1000));
  const longest = Math.min(ofToken, LONGEST_COOKIE);
  if (options.maxAge === undefined) return config.sessionCookie ? {} : { maxAge: longest };
  const seconds = options.maxAge === 0 ? 0 : toSeconds(options.maxAge);
  if (seconds !== undefined) return { maxAge: Math.min(seconds, longest) };
  throw new TypeError('maxAge must be a whole number of seconds, or a string with a unit such as "30 days"');
}
