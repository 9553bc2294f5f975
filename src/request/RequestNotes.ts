import type { Context } from 'koa';
import type { Action } from 'routing-controllers';
import type { VerifiedToken } from '../claims';
import type { Constructor } from '../config/Constructor';

/** What a manager has found out about a token in a request, so that no question is asked twice. */
export interface CheckedToken {
  /** The Authenticator of the manager. */
  readonly by: object;
  readonly text: string;
  readonly token: VerifiedToken;
  revocation: Promise<void> | undefined;
  claims: Promise<void> | undefined;
  user: Promise<unknown> | undefined;
}

/** What this library notes about a request. It is gone with the context. */
export interface RequestNotes {
  /** The form in which routing-controllers and containers know the request. */
  readonly action: Action;
  readonly checked: CheckedToken[];
  /** The manager that has let the request in. There may be several, and their users are different people. */
  admittedBy: object | undefined;
  /** The class of the manager that an open action names, for the checkers. */
  manager: Constructor | undefined;
  /** The error of the body parser, while it waits for the guard. */
  parseError: unknown;
  /** The access cookie of the response was set, unset or renewed. An implicit refresh would undo that. */
  isAccessCookieSettled: boolean;
}

const NOTES = Symbol('jwt notes');

export function notesOf(ctx: Context): RequestNotes {
  const noted = ctx as unknown as Record<typeof NOTES, RequestNotes | undefined>;
  return (noted[NOTES] ??= {
    action: { request: ctx.request, response: ctx.response, context: ctx },
    checked: [],
    admittedBy: undefined,
    manager: undefined,
    parseError: undefined,
    isAccessCookieSettled: false,
  });
}
