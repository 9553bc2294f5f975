import type { Context } from 'koa';
import type { Action } from 'routing-controllers';
import { RoleRequiredError } from '../errors';
import { challenge } from '../request/challenge';
import { findJwtState, type JwtState } from '../request/JwtState';
import { admittingManager } from './managerOf';

/** Decides whether a request with a good token has one of the roles. `User` is what the user loader returns. */
export type RoleCheck<User = unknown, Identity = string> = (
  state: JwtState<User, Identity>,
  roles: string[],
  action: Action,
) => boolean | Promise<boolean>;

/**
 * For routing-controllers' option `currentUserChecker`: `@CurrentUser()` is what the user loader returned for the
 * token that the guard has let in. Without a guard it verifies the token itself. Undefined for an anonymous request.
 */
export async function currentUserChecker(action: Action): Promise<unknown> {
  const ctx = action.context as Context;
  const manager = admittingManager(action);
  const state = findJwtState(ctx) ?? (await manager.verifyJwtInRequest(ctx, { optional: true }));
  if (state?.payload !== undefined) return manager.currentUser(state);
  // For `@CurrentUser({ required: true })`, which routing-controllers then answers.
  ctx.set('WWW-Authenticate', challenge(manager.config));
  return undefined;
}

/**
 * For routing-controllers' option `authorizationChecker`: `@Authorized()` demands a good token. `@Authorized('admin')`
 * demands that its claim `roles`, or the one that `rolesClaim` names, is or holds one of the roles.
 */
export const authorizationChecker = authorizationCheckerWith((state, roles, action) => {
  const { rolesClaim } = admittingManager(action).config;
  const held: unknown =
    state.payload && Object.hasOwn(state.payload, rolesClaim) ? state.payload[rolesClaim] : [];
  const list: unknown[] = Array.isArray(held) ? held : isScope(rolesClaim, held) ? held.split(' ') : [held];
  return roles.some((role) => list.includes(role));
});

/** Scopes are one text with spaces (RFC 8693 §4.2); Microsoft calls them `scp`. A role may have a space in its name. */
function isScope(claim: string, held: unknown): held is string {
  return typeof held === 'string' && (claim === 'scope' || claim === 'scp');
}

/** An `authorizationChecker` with a check of the application. The check is called only when a role is demanded. */
export function authorizationCheckerWith<User = unknown, Identity = string>(
  check: RoleCheck<User, Identity>,
): (action: Action, roles: string[]) => Promise<boolean> {
  return async (action, roles) => {
    const ctx = action.context as Context;
    const manager = admittingManager(action);
    const admitted = findJwtState(ctx);
    const state = admitted?.payload ? admitted : await manager.verifyJwtInRequest(ctx);
    if (state?.payload === undefined) return false;
    const allowed: unknown =
      roles.length === 0 || (await check(state as JwtState<User, Identity>, roles, action));
    // Strictly, because a list of results or a number of rows must let nobody in.
    if (allowed === true) return true;
    // Not false: for that routing-controllers has an error of its own, without a challenge and, when its default
    // error handler is off, without a status.
    return manager.refuse(ctx, new RoleRequiredError());
  };
}
