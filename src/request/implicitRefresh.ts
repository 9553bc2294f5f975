import type { Context } from 'koa';
import type { JwtConfig } from '../JwtConfig';
import type { JwtState } from './JwtState';
import { RequestSlot } from './RequestSlot';

const isSettled = new RequestSlot<boolean>('jwt access cookie settled');

/**
 * Notes that the access cookie of this response is settled: an action has set or unset it, or it was re-issued.
 * An implicit refresh after a log-out in the same request would undo it.
 */
export function settleAccessCookie(ctx: Context): void {
  isSettled.set(ctx, true);
}

/** Whether the token that let a request in came in a cookie and is about to end, with nothing settled yet. */
export function isRefreshDue(ctx: Context, { location, payload }: JwtState, config: JwtConfig): boolean {
  const { implicitRefreshWithin: within, issuers = [] } = config;
  if (typeof within !== 'number' || location !== 'cookies' || payload?.type !== 'access') return false;
  // To renew the token of another issuer would be to make one's own of it.
  if (issuers.some(({ issuer }) => issuer === payload.iss)) return false;
  if (isSettled.get(ctx) === true || ctx.headerSent || ctx.status >= 400) return false;
  return payload.exp !== undefined && payload.exp - Date.now() / 1000 < within;
}
