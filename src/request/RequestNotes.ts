import type { Context } from 'koa';
import type { Action } from 'routing-controllers';
import type { VerifiedToken } from '../claims';
import type { Constructor } from '../config/Constructor';
import { symbolOf } from '../registry/registry';
import type { Admission } from './Admission';

/** What a manager has found out about a token in a request, so that a guard and the checkers ask no question twice. */
export interface CheckedToken {
  /** The Authenticator of the manager. */
  readonly by: object;
  readonly text: string;
  readonly token: VerifiedToken;
  revocation: Promise<void> | undefined;
  claims: Promise<void> | undefined;
  user: Promise<unknown> | undefined;
  spending: Promise<void> | undefined;
  /** This request has used it up. */
  isSpent: boolean;
}

/** What is noted about tokens. Without an action they did not come with a request. */
export interface TokenNotes {
  readonly action: Action | undefined;
  readonly checked: CheckedToken[];
  /** A token that could not be verified. */
  unverified: string | undefined;
}

/** What this library notes about a request. It is gone with the context. */
export interface RequestNotes extends TokenNotes {
  /** The form in which routing-controllers and containers know the request. */
  readonly action: Action;
  /** Who is in: `ctx.state.jwt`. */
  admission: Admission | undefined;
  /** Who a guard has let in. The checkers go by it. */
  guarded: Admission | undefined;
  /** The class of the manager that an open action names, for the checkers. */
  manager: Constructor | undefined;
  /** A checker has found nobody. */
  isAnonymous: boolean;
  /** The error of the body parser, while it waits for the guard. */
  parseError: unknown;
  /** The access cookie of the response was set, unset or renewed. An implicit refresh would undo that. */
  isAccessCookieSettled: boolean;
}

// Of all copies of this package: the guard of one may ask the manager of another.
const NOTES: unique symbol = symbolOf('notes') as never;

export function notesOf(ctx: Context): RequestNotes {
  const noted = ctx as unknown as Record<typeof NOTES, RequestNotes | undefined>;
  return (noted[NOTES] ??= {
    action: { request: ctx.request, response: ctx.response, context: ctx },
    checked: [],
    admission: undefined,
    guarded: undefined,
    manager: undefined,
    unverified: undefined,
    isAnonymous: false,
    parseError: undefined,
    isAccessCookieSettled: false,
  });
}
