import type { Context, Next } from 'koa';
import type { Constructor } from '../config/Constructor';
import { JwtError } from '../errors';
import type { JwtManager } from '../JwtManager';
import { isNotedHttpError } from '../loader/httpErrors';
import { sendRefusal } from '../request/answerRefusal';
import type { JwtState } from '../request/JwtState';
import type { Policy } from '../request/Policy';
import { notesOf } from '../request/RequestNotes';
import { errorHandlerOf } from './errorHandlers';
import { assertManager, managerOf } from './managerOf';

/** Middleware of Koa that lets a request through to the next, or answers it. */
export type Guard = (ctx: Context, next: Next) => Promise<void>;

/**
 * The function behind every decorator. It enforces a policy and answers the requests that it refuses; afterwards it may
 * renew a cookie. Errors after next() are not its own and pass through. A plain function, because routing-controllers
 * would catch the errors of everything downstream of a middleware class.
 */
export function guard(policy: Policy): Guard {
  assertManager(policy.manager);
  const self: Guard = (ctx, next) => {
    assertKoa(next);
    return enforce(policy, ctx, next, self);
  };
  return self;
}

async function enforce(policy: Policy, ctx: Context, next: Next, self: Guard): Promise<void> {
  let manager: JwtManager;
  let state: JwtState | undefined;
  try {
    const notes = notesOf(ctx);
    manager = managerOf(notes.action, policy.manager);
    state = await manager.authenticate(notes, policy);
  } catch (error) {
    return answer(error, ctx, next, self);
  }
  try {
    await next();
  } catch (error) {
    // Of decodeToken and the like, which have asked no answer loader.
    if (error instanceof JwtError) {
      error.refuser = manager;
      await error.decideAnswer(ctx);
    }
    throw error;
  }
  if (state?.location === 'cookies') await manager.refreshImplicitly(ctx, state);
}

/** HTTP errors of loaders are answered as those of the action. All other errors of loaders pass through. */
function answer(error: unknown, ctx: Context, next: Next, self: Guard): Promise<void> | undefined {
  if (error instanceof JwtError) {
    if (error.refuser?.config.throwRefusals === true) throw error;
    sendRefusal(error, ctx);
    return undefined;
  }
  const handleError = isNotedHttpError(error) ? errorHandlerOf(self) : undefined;
  if (handleError === undefined) throw error;
  return handleError(error as Error, { ...notesOf(ctx).action, next });
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
