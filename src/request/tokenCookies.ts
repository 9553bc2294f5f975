import { stringifySetCookie, type SetCookie } from 'cookie';
import type { Context } from 'koa';
import { bare, type JwtClaims, type TokenType } from '../claims';
import type { JwtConfig } from '../config/JwtConfig';
import { toSeconds } from '../config/lifetime';
import { cookieNames } from './cookieNames';

/** The options of setAccessCookies and setRefreshCookies. */
export interface CookieOptions {
  /** Their lifetime, in seconds or with a unit, but never longer than that of the token. 0 ends them at once. */
  readonly maxAge?: number | string;
  /** Instead of the configured `cookieDomain`. */
  readonly domain?: string;
}

/** The options of unsetJwtCookies and the like. */
export interface UnsetOptions {
  /** The domain of the cookies, if it is not the configured `cookieDomain`. */
  readonly domain?: string;
}

/** The longest lifetime that browsers accept (RFC 6265bis §5.5): 400 days. */
const MAX_AGE = 400 * 86_400;

/** Sets the cookies of a good token: one for itself, and one with its CSRF value, which scripts can read. */
export function setTokenCookies(
  ctx: Context,
  text: string,
  claims: JwtClaims,
  config: JwtConfig,
  options: CookieOptions,
): void {
  const names = cookieNames(config, claims.type);
  const shared = { ...sharedAttributes(config, options.domain), ...lifetime(claims.exp, config, options) };
  append(ctx, { name: names.cookie, value: text, path: names.path, httpOnly: true, ...shared });
  if (config.csrfInCookies && config.cookieCsrfProtect && typeof claims.csrf === 'string') {
    append(ctx, { name: names.csrfCookie, value: claims.csrf, path: names.csrfPath, ...shared });
  }
  // RFC 6750 §5.3: a cache that stored this response would store the token.
  ctx.set('Cache-Control', 'no-store');
}

/** Ends the cookies. Browsers need the name, path and domain with which they were set. */
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
 * Not through `ctx.cookies`, which refuses Secure cookies on an unencrypted connection. Behind a proxy that ends TLS,
 * and on http://localhost, they are right. Anywhere else the browser drops them.
 */
function append(ctx: Context, cookie: SetCookie): void {
  ctx.append('Set-Cookie', stringifySetCookie(bare(cookie)));
}

type Attributes = Pick<SetCookie, 'domain' | 'secure' | 'sameSite' | 'maxAge'>;

function sharedAttributes(config: JwtConfig, domain = config.cookieDomain): Attributes {
  const sameSite = SAME_SITE[config.cookieSameSite];
  return { ...(domain !== undefined && { domain }), secure: config.cookieSecure, sameSite };
}

const SAME_SITE = { Lax: 'lax', Strict: 'strict', None: 'none' } as const;

/** No attributes for a session cookie. Throws TypeError for a `maxAge` that is no duration. */
function lifetime(exp: number | undefined, config: JwtConfig, options: CookieOptions): Attributes {
  const ofToken = exp === undefined ? MAX_AGE : Math.max(0, Math.floor(exp - Date.now() / 1000));
  const longest = Math.min(ofToken, MAX_AGE);
  if (options.maxAge === undefined) return config.sessionCookie ? {} : { maxAge: longest };
  const seconds = options.maxAge === 0 ? 0 : toSeconds(options.maxAge);
  if (seconds !== undefined) return { maxAge: Math.min(seconds, longest) };
  throw new TypeError('maxAge must be a whole number of seconds, or a string with a unit such as "30 days"');
}
