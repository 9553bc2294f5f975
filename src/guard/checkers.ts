import type { Context } from 'koa';
import type { Action } from 'routing-controllers';
import { RoleRequiredError } from '../errors';
import { challenge } from '../request/challenge';
import { findJwtState, type JwtState } from '../request/JwtState';
import { getAdmittingManager } from './getJwtManager';

/** Decides whether a request that has a valid token may do what one of the roles may. */
export type RoleCheck = (state: JwtState, roles: string[], action: Action) => boolean | Promise<boolean>;

/**
 * For routing-controllers' option `currentUserChecker`: `@CurrentUser()` is what the user loader returned for the
 * token that the guard has let in. Without a guard it verifies the token itself; anonymous is undefined.
 */
export async function currentUserChecker(action: Action): Promise<unknown> {
  const ctx = action.context as Context;
  const manager = getAdmittingManager(action);
  const state = findJwtState(ctx) ?? (await manager.verifyJwtInRequest(ctx, { optional: true }));
  if (state?.payload !== undefined) return manager.currentUser(state);
  // In case it is `@CurrentUser({ required: true })`, which is then answered by routing-controllers.
  ctx.set('WWW-Authenticate', challenge(manager.config));
  return undefined;
}

/**
 * For routing-controllers' option `authorizationChecker`: `@Authorized()` wants a valid token, `@Authorized('admin')`
 * one whose claim `roles`, or whichever `rolesClaim` names, is or holds one of the roles.
 */
export const authorizationChecker = authorizationCheckerWith((state, roles, action) => {
  const { rolesClaim } = getAdmittingManager(action).config;
  const held: unknown =
    state.payload && Object.hasOwn(state.payload, rolesClaim) ? state.payload[rolesClaim] : [];
  const list: unknown[] = Array.isArray(held) ? held : [held];
  return roles.some((role) => list.includes(role));
});

/** An `authorizationChecker` with the application's own idea of roles. It is asked only where a role is wanted. */
export function authorizationCheckerWith(
  check: RoleCheck,
): (action: Action, roles: string[]) => Promise<boolean> {
  return async (action, roles) => {
    const ctx = action.context as Context;
    const manager = getAdmittingManager(action);
    const admitted = findJwtState(ctx);
    const state = admitted?.payload ? admitted : await manager.verifyJwtInRequest(ctx);
    if (state?.payload === undefined) return false;
    const allowed: unknown = roles.length === 0 || (await check(state, roles, action));
    // Strictly: a list of what was found, or a number of rows, must not let anyone in.
    if (allowed === true) return true;
    // Not false, for which routing-controllers has an error of its own, without a challenge and, where its
    // default error handler is off, without a status.
    return manager.refuse(ctx, new RoleRequiredError());
  };
}
