import type { Context, Next } from 'koa';
import type { Constructor } from '../config/OptionTable';
import { JwtConfigurationError, JwtError } from '../errors';
import { JwtManager } from '../JwtManager';
import { actionOf } from '../request/actionOf';
import { namedBy } from '../request/admittedBy';
import { policyFrom, type GuardOptions, type Policy } from '../request/Policy';
import { getJwtManager } from './getJwtManager';

export type Guard = (ctx: Context, next: Next) => Promise<void>;

/**
 * The one function behind every decorator: holds requests to a policy and answers those that it refuses. Errors after
 * next() are not its own and pass through; on the way out it may refresh a cookie. A plain function, because
 * routing-controllers would catch the errors of everything downstream of a middleware class.
 */
export function guard(policy: Policy): Guard {
  assertManager(policy.manager);
  return (ctx, next) => {
    assertKoa(next);
    return hold(policy, ctx, next);
  };
}

async function hold(policy: Policy, ctx: Context, next: Next): Promise<void> {
  const manager = getJwtManager(actionOf(ctx), policy.manager);
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

/** Answers OPTIONS for a guarded action of `@All()`, which is asked what it allows and not to act. */
export async function answerOptions(ctx: Context, next: Next): Promise<void> {
  if (ctx.method === 'OPTIONS') ctx.status = 204;
  else await next();
}

/** `@JwtRequired()` and the like as Koa middleware, for routes of @koa/router without controllers. */
export function jwtGuard(options: GuardOptions = {}): Guard {
  return guard(policyFrom(options));
}

/** For an open action, which says no more than whose tokens its checkers may look at. */
export function nameManager(manager: Constructor): Guard {
  assertManager(manager);
  return async (ctx, next) => {
    namedBy.set(ctx, manager);
    await next();
  };
}

/** Throws JwtConfigurationError for what is no class of managers. */
export function assertManager(manager: Policy['manager']): void {
  if (manager === undefined || manager === JwtManager || manager.prototype instanceof JwtManager) return;
  throw new JwtConfigurationError(
    `Option manager names ${manager.name}, which is no manager: class ${manager.name} extends JwtManager {}`,
  );
}

/** Thrown at once, for Express knows nothing of promises: the request would hang. */
function assertKoa(next: unknown): void {
  if (typeof next !== 'function')
    throw new TypeError('The JWT guard is for Koa: use createKoaServer or useKoaServer');
}
