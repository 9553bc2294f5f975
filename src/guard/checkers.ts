import type { Context } from 'koa';
import type { Action } from 'routing-controllers';
import { RoleRequiredError } from '../errors';
import type { JwtManager } from '../JwtManager';
import { findJwtState, type JwtState } from '../request/JwtState';
import { policyFrom, type Policy } from '../request/Policy';
import { notesOf } from '../request/RequestNotes';
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
  const state = admittedIn(ctx) ?? (await askingManager(action).authenticate(notesOf(ctx), OPTIONAL));
  if (state?.payload !== undefined) return askingManager(action).currentUser(state);
  notesOf(ctx).isAnonymous = true;
  return undefined;
}

/**
 * Throws the refusal of a request in which a checker has found nobody: of `@CurrentUser({ required: true })`, for which
 * routing-controllers has an error of its own.
 */
export async function refuseAnonymous(action: Action): Promise<void> {
  if (notesOf(action.context as Context).isAnonymous) await demand(action);
}

/**
 * For routing-controllers' option `authorizationChecker`: `@Authorized()` demands a good token. `@Authorized('admin')`
 * demands that its claim `roles`, or the one that `rolesClaim` names, is or holds one of the roles.
 */
export const authorizationChecker = authorizationCheckerWith((state, roles, action) => {
  const { rolesClaim } = askingManager(action).config;
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
    const admitted = admittedIn(ctx);
    const state = admitted?.payload ? admitted : await demand(action);
    if (state?.payload === undefined) return false;
    const allowed: unknown =
      roles.length === 0 || (await check(state as JwtState<User, Identity>, roles, action));
    // Strictly, because a list of results or a number of rows must let nobody in.
    if (allowed === true) return true;
    // Not false: for that routing-controllers has an error of its own, without a challenge and, when its default
    // error handler is off, without a status.
    return askingManager(action).refuse(ctx, new RoleRequiredError());
  };
}

const OPTIONAL = policyFrom({ optional: true });

/** Who a guard has let in. Without a guard: who a check by hand has. */
function admittedIn(ctx: Context): JwtState | undefined {
  return notesOf(ctx).guarded?.state ?? findJwtState(ctx);
}

/** Demands a token as the guard of the action does, or as `@JwtRequired()` would. */
function demand(action: Action): Promise<JwtState | undefined> {
  const notes = notesOf(action.context as Context);
  const policy: Policy = { ...(notes.guarded?.policy ?? OPTIONAL), demand: 'required' };
  return askingManager(action).authenticate(notes, policy);
}

/** The manager of the guard. Without a guard: of the check by hand, or the one that would guard. */
function askingManager(action: Action): JwtManager {
  const by = notesOf(action.context as Context).guarded?.by;
  return by === undefined ? admittingManager(action) : (by as JwtManager);
}
