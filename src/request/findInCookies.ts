import { parseCookie } from 'cookie';
import type { TokenType } from '../claims';
import type { JwtConfig } from '../config/JwtConfig';
import { CsrfError, InvalidHeaderError } from '../errors';
import { cookieNames } from './cookieNames';
import { headerValues, ownHeader } from './findInHeader';
import type { Carrier, FoundToken, NoToken } from './FoundToken';
import type { Policy } from './Policy';
import { duplicateEndings } from './duplicateEndings';

/** The token in the access or refresh cookie, and the CSRF value that an unsafe method must send with it. */
export function findInCookies(ctx: Carrier, config: JwtConfig, policy: Policy): FoundToken | NoToken {
  const found = findCookie(ctx, config, policy);
  if (!Object.hasOwn(found, 'text') || !needsCsrfValue(ctx.method, config)) return found;
  const csrfValue = csrfValueOf(ctx, config, policy.looksFor);
  if (csrfValue === '') throw new CsrfError('Missing CSRF token');
  return { ...(found as FoundToken), csrfValue };
}

/** The token in its cookie. Only for a request that proves in another way who has sent it. */
export function findCookie(ctx: Carrier, config: JwtConfig, policy: Policy): FoundToken | NoToken {
  const { cookie } = cookieNames(config, policy.looksFor);
  const [text, second] = cookieValues(ctx, cookie);
  if (second !== undefined) {
    // A subdomain can add a second one, and browsers send the one with the longer path first.
    const error = new InvalidHeaderError(`Bad cookie "${cookie}". Expected it once`);
    error.headers = { 'Set-Cookie': duplicateEndings(ctx, config, policy.looksFor) };
    throw error;
  }
  if (text === undefined || text === '') return { absent: `Missing cookie "${cookie}"` };
  return { text, location: 'cookies', csrfValue: undefined };
}

/** The different values of the cookies with one name. */
export function cookieValues(ctx: Carrier, name: string): string[] {
  const pairs = ownHeader(ctx.req.headers, 'cookie').join(';').split(';');
  const named = pairs.filter((pair) => pair.split('=', 1)[0]?.trim() === name);
  return [...new Set(named.map((pair) => parseCookie(pair.trim())[name] ?? ''))];
}

const SAFE_METHODS = ['GET', 'HEAD', 'OPTIONS', 'TRACE'];

/** Whether a cookie needs its CSRF value beside it in requests with this method. */
export function needsCsrfValue(method: string, { cookieCsrfProtect, csrfMethods }: JwtConfig): boolean {
  if (!cookieCsrfProtect) return false;
  if (csrfMethods === undefined) return !SAFE_METHODS.includes(method);
  return csrfMethods.some((each) => each.toUpperCase() === method);
}

/** The CSRF value in the header, or in a field of a form. Empty when there is none. */
export function csrfValueOf(ctx: Carrier, config: JwtConfig, type: TokenType): string {
  const { csrfHeader, csrfField } = cookieNames(config, type);
  const inHeader = headerValues(ctx, csrfHeader).join(', ');
  return inHeader === '' && config.csrfCheckForm ? formField(ctx, csrfField) : inHeader;
}

const FORM_TYPE = /^(?:application\/x-www-form-urlencoded|multipart\/form-data)[ \t]*(?:;|$)/i;

/** A field of a form that a body parser has parsed. A field that came twice counts as missing. */
function formField(ctx: Carrier, name: string): string {
  const [type = '', second] = headerValues(ctx, 'Content-Type');
  if (second !== undefined || !FORM_TYPE.test(type)) return '';
  const { body } = ctx.request as { body?: unknown };
  if (typeof body !== 'object' || body === null || !Object.hasOwn(body, name)) return '';
  const value: unknown = (body as Record<string, unknown>)[name];
  return typeof value === 'string' ? value : '';
}
