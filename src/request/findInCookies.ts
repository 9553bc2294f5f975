import { parseCookie } from 'cookie';
import type { Context } from 'koa';
import type { JwtConfig } from '../config/JwtConfig';
import { CsrfError, InvalidHeaderError } from '../errors';
import { cookieNames } from './cookieNames';
import type { FoundToken, NoToken } from './FoundToken';
import type { Policy } from './Policy';

/** The token in the access or refresh cookie, and the CSRF value that an unsafe method must send with it. */
export function findInCookies(ctx: Context, config: JwtConfig, policy: Policy): FoundToken | NoToken {
  const names = cookieNames(config, policy.looksFor);
  const header = ctx.get('Cookie');
  if (occursTwice(header, names.cookie)) {
    // A subdomain can add a second one, and browsers send the one with the longer path first.
    throw new InvalidHeaderError(`Bad cookie "${names.cookie}". Expected it once`);
  }
  const text = parseCookie(header)[names.cookie];
  if (text === undefined || text === '') return { absent: `Missing cookie "${names.cookie}"` };
  if (!needsCsrfValue(ctx.method, config)) return { text, location: 'cookies' };
  const csrfValue =
    ctx.get(names.csrfHeader) || (config.csrfCheckForm ? formField(ctx, names.csrfField) : '');
  if (csrfValue === '') throw new CsrfError('Missing CSRF token');
  return { text, csrfValue, location: 'cookies' };
}

const SAFE_METHODS = ['GET', 'HEAD', 'OPTIONS', 'TRACE'];

/** Whether a cookie needs its CSRF value beside it in requests with this method. */
export function needsCsrfValue(method: string, { cookieCsrfProtect, csrfMethods }: JwtConfig): boolean {
  if (!cookieCsrfProtect) return false;
  if (csrfMethods === undefined) return !SAFE_METHODS.includes(method);
  return csrfMethods.some((each) => each.toUpperCase() === method);
}

/** A field of a form that a body parser has parsed. A field that came twice counts as missing. */
function formField(ctx: Context, name: string): string {
  if (!ctx.is('application/x-www-form-urlencoded', 'multipart/form-data')) return '';
  const { body } = ctx.request as { body?: unknown };
  if (typeof body !== 'object' || body === null || !Object.hasOwn(body, name)) return '';
  const value: unknown = (body as Record<string, unknown>)[name];
  return typeof value === 'string' ? value : '';
}

function occursTwice(header: string, name: string): boolean {
  return header.split(';').filter((pair) => pair.split('=', 1)[0]?.trim() === name).length > 1;
}
