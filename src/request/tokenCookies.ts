import { stringifySetCookie, type SetCookie } from 'cookie';
import type { Context } from 'koa';
import { bare, type JwtClaims, type TokenType } from '../claims';
import { checkedOptions } from '../config/checkedOptions';
import type { JwtConfig } from '../config/JwtConfig';
import { toSeconds } from '../config/lifetime';
import { kindsByName } from '../config/option';
import { anything, text } from '../config/optionKinds';
import { cookieNames } from './cookieNames';

/** The options of setAccessCookies and setRefreshCookies. */
export interface CookieOptions {
  /** Their lifetime, in seconds or with a unit, up to the one that `sessionCookie: false` gives. 0 ends them at once. */
  readonly maxAge?: number | string;
  /** Instead of the configured `cookieDomain`. */
  readonly domain?: string;
}

/** The options of unsetJwtCookies and the like. */
export interface UnsetOptions {
  /** The domain of the cookies, if it is not the configured `cookieDomain`. */
  readonly domain?: string;
  /** The path of all these cookies, if it is not the configured one: for cookies of an older configuration. */
  readonly path?: string;
}

const COOKIE_OPTIONS = kindsByName<CookieOptions>({ maxAge: anything, domain: text });
const UNSET_OPTIONS = kindsByName<UnsetOptions>({ domain: text, path: text });

/** The longest lifetime that browsers accept (RFC 6265bis §5.5): 400 days. */
const MAX_AGE = 400 * 86_400;

/** How long a cookie outlives the last use of its token, so that the answer is `Token has expired`. */
const MARGIN = 86_400;

/** The size in bytes, attributes included, that every browser accepts (RFC 6265 §6.1). They drop what is larger. */
const MAX_SIZE = 4096;

/**
 * Sets the cookies of a good token: one for itself, and one with its CSRF value, which scripts can read. Throws TypeError
 * for unknown options, and when a browser would drop a cookie.
 */
export function setTokenCookies(
  ctx: Context,
  type: TokenType,
  encoded: string,
  claims: JwtClaims,
  config: JwtConfig,
  given: CookieOptions,
): void {
  const options = checkedOptions(given, COOKIE_OPTIONS);
  const names = cookieNames(config, type);
  const shared = { ...sharedAttributes(config, options.domain), ...lifetime(claims, config, options) };
  const cookies: SetCookie[] = [
    { name: names.cookie, value: encoded, path: names.path, httpOnly: true, ...shared },
  ];
  if (config.csrfInCookies && config.cookieCsrfProtect && typeof claims.csrf === 'string') {
    cookies.push({ name: names.csrfCookie, value: claims.csrf, path: names.csrfPath, ...shared });
  }
  append(ctx, cookies);
}

/** Ends the cookies. Browsers need the name, path and domain with which they were set. Throws TypeError for unknown options. */
export function unsetTokenCookies(
  ctx: Context,
  type: TokenType,
  config: JwtConfig,
  options: UnsetOptions,
): void {
  const { domain, path } = checkedOptions(options, UNSET_OPTIONS);
  const names = cookieNames(config, type);
  const ended = { ...sharedAttributes(config, domain), value: '', maxAge: 0, expires: new Date(0) };
  const cookies: SetCookie[] = [{ name: names.cookie, path: path ?? names.path, httpOnly: true, ...ended }];
  if (config.csrfInCookies && config.cookieCsrfProtect) {
    cookies.push({ name: names.csrfCookie, path: path ?? names.csrfPath, ...ended });
  }
  append(ctx, cookies);
}

/**
 * Not through `ctx.cookies`, which refuses Secure cookies on an unencrypted connection. Behind a proxy that ends TLS,
 * and on http://localhost, they are right. Anywhere else the browser drops them.
 */
function append(ctx: Context, cookies: readonly SetCookie[]): void {
  const lines = cookies.map((cookie) => stringifySetCookie(bare(cookie)));
  cookies.forEach(({ name }, i) => {
    assertSize(name, Buffer.byteLength(String(lines[i])));
  });
  for (const line of lines) ctx.append('Set-Cookie', line);
  // RFC 6750 §5.3: a cache that stored this response would store the token.
  ctx.set('Cache-Control', 'no-store');
}

function assertSize(name: string, size: number): void {
  if (size <= MAX_SIZE) return;
  throw new TypeError(
    `The cookie ${name} would have ${size} bytes, and browsers silently drop what has more than ${MAX_SIZE}: ` +
      'put fewer claims into the token',
  );
}

type Attributes = Pick<SetCookie, 'domain' | 'secure' | 'sameSite' | 'maxAge'>;

function sharedAttributes(config: JwtConfig, domain = config.cookieDomain): Attributes {
  const sameSite = SAME_SITE[config.cookieSameSite];
  return { ...(domain !== undefined && { domain }), secure: config.cookieSecure, sameSite };
}

const SAME_SITE = { Lax: 'lax', Strict: 'strict', None: 'none' } as const;

/**
 * No attributes for a session cookie. Other cookies live on while their token can be refreshed: a client that finds none
 * would not know that it should. Throws TypeError for a `maxAge` that is no duration.
 */
function lifetime({ type, exp }: JwtClaims, config: JwtConfig, options: CookieOptions): Attributes {
  if (options.maxAge === undefined && config.sessionCookie) return {};
  const left = exp === undefined ? Infinity : Math.max(0, Math.floor(exp - Date.now() / 1000));
  const { refreshTokenExpires } = config;
  const refreshable = type === 'refresh' ? 0 : refreshTokenExpires === false ? Infinity : refreshTokenExpires;
  const longest = Math.min(Math.max(left, refreshable) + MARGIN, MAX_AGE);
  if (options.maxAge === undefined) return { maxAge: longest };
  const seconds = options.maxAge === 0 ? 0 : toSeconds(options.maxAge);
  if (seconds !== undefined) return { maxAge: Math.min(seconds, longest) };
  throw new TypeError('maxAge must be a whole number of seconds, or a string with a unit such as "30 days"');
}
