import type { Context } from 'koa';
import { VerifiedTokenError, type JwtError } from '../errors';
import { jwtEvents, type RequestMessage } from '../events/jwtEvents';
import { tokenMessage, type TokenMessage } from '../events/tokenMessage';
import { withoutTokens } from '../events/withoutSecrets';
import { actionNameOf } from './actionNames';
import type { Admission } from './Admission';
import type { JwtState } from './JwtState';
import { notesOf } from './RequestNotes';

/** Tells that a request was let in. Once for each token and manager, but each time for a check by hand. */
export function publishAdmission(ctx: Context, { by, state, isByHand }: Admission): void {
  const earlier = notesOf(ctx).admission;
  if (!isByHand && earlier?.by === by && earlier.state.payload === state.payload) return;
  publishAdmitted(state, ctx);
}

/** Tells that a token was let in. Without a `ctx` it did not come with a request of Koa. */
export function publishAdmitted({ payload, identity, location }: JwtState, ctx?: Context): void {
  if (payload === undefined) return;
  jwtEvents.admitted.publish({
    ...tokenMessage(payload, identity),
    ...(ctx !== undefined && requestMessage(ctx)),
    ...(location !== undefined && { location }),
  });
}

/**
 * Tells once why a request or a token was refused. `status` is that of the answer. Undefined when there is none, or
 * when another error is answered instead.
 */
export function publishRefused(error: JwtError, ctx?: Context, status?: number): void {
  if (told.has(error)) return;
  told.add(error);
  const token = refusedToken(error, ctx);
  jwtEvents.refused.publish({
    code: error.code,
    ...(status !== undefined && { status }),
    // Not the message, which may hold an identity.
    reason: error.description,
    ...(ctx !== undefined && requestMessage(ctx)),
    ...(token !== undefined && { token }),
  });
}

/** What verifyToken has refused, the application may let through to a guard. */
const told = new WeakSet<JwtError>();

function refusedToken(error: JwtError, ctx: Context | undefined): TokenMessage | undefined {
  if (error instanceof VerifiedTokenError) return tokenMessage(error.token.payload, error.token.identity);
  if (ctx === undefined || error.code !== 'ERR_JWT_FORBIDDEN') return undefined;
  const state = notesOf(ctx).admission?.state;
  return state?.payload === undefined ? undefined : tokenMessage(state.payload, state.identity);
}

function requestMessage(ctx: Context): RequestMessage {
  const action = actionNameOf(ctx);
  const { lookedIn: location } = notesOf(ctx);
  return {
    method: ctx.method,
    path: withoutTokens(ctx.path),
    ...(action !== undefined && { action }),
    ...(location !== undefined && { location }),
  };
}
