import type { Context, Next } from 'koa';
import type { Constructor } from '../config/Constructor';
import { JwtError } from '../errors';
import type { Policy } from '../request/Policy';
import { notesOf } from '../request/RequestNotes';
import { assertManager, managerOf } from './managerOf';

export type Guard = (ctx: Context, next: Next) => Promise<void>;

/**
 * The function behind every decorator. It enforces a policy and answers the requests that it refuses; afterwards it may
 * renew a cookie. Errors after next() are not its own and pass through. A plain function, because routing-controllers
 * would catch the errors of everything downstream of a middleware class.
 */
export function guard(policy: Policy): Guard {
  assertManager(policy.manager);
  return (ctx, next) => {
    assertKoa(next);
    return enforce(policy, ctx, next);
  };
}

async function enforce(policy: Policy, ctx: Context, next: Next): Promise<void> {
  const manager = managerOf(notesOf(ctx).action, policy.manager);
  let state;
  try {
    state = await manager.authenticate(ctx, policy);
  } catch (error) {
    if (!(error instanceof JwtError)) throw error;
    ctx.body = error.toJSON();
    ctx.status = error.status;
    return;
  }
  await next();
  if (state?.location === 'cookies') await manager.refreshImplicitly(ctx, state);
}

/**
 * Answers OPTIONS before a handler that is not for OPTIONS alone: a CORS preflight has no credentials, and must not run
 * the handler. Other requests go on.
 */
export async function answerOptions(ctx: Context, goOn: Next): Promise<void> {
  if (ctx.method === 'OPTIONS') ctx.status = 204;
  else await goOn();
}

/** For an open action that names the manager for its checkers. */
export function nameManager(manager: Constructor): Guard {
  assertManager(manager);
  return async (ctx, next) => {
    notesOf(ctx).manager = manager;
    await next();
  };
}

/** Throws at once, because Express ignores promises, and the request would hang. */
export function assertKoa(next: unknown): void {
  if (typeof next === 'function') return;
  throw new TypeError('The JWT guard is for Koa: use createKoaServer or useKoaServer');
}
