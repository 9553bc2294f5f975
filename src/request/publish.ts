import type { Context } from 'koa';
import { VerifiedTokenError, type JwtError } from '../errors';
import { jwtEvents, type RequestMessage } from '../events/jwtEvents';
import { tokenMessage, type TokenMessage } from '../events/tokenMessage';
import { withoutTokens } from '../events/withoutSecrets';
import { actionNameOf } from './actionNames';
import type { Admission } from './Admission';
import { notesOf } from './RequestNotes';

/** Tells that a token was let in. Once for each token and manager, but each time for a check by hand. */
export function publishAdmitted(ctx: Context, { by, state, isByHand }: Admission): void {
  const { payload, identity, location } = state;
  if (payload === undefined) return;
  const earlier = notesOf(ctx).admission;
  if (!isByHand && earlier?.by === by && earlier.state.payload === payload) return;
  jwtEvents.admitted.publish({
    ...tokenMessage(payload, identity),
    ...requestMessage(ctx),
    ...(location !== undefined && { location }),
  });
}

/** Tells why a request was refused. `status` is that of the answer, unless another error is answered instead. */
export function publishRefused(ctx: Context, error: JwtError, status: number | undefined): void {
  const token = refusedToken(ctx, error);
  jwtEvents.refused.publish({
    code: error.code,
    ...(status !== undefined && { status }),
    // Not the message, which may hold an identity.
    reason: error.description,
    ...requestMessage(ctx),
    ...(token !== undefined && { token }),
  });
}

function refusedToken(ctx: Context, error: JwtError): TokenMessage | undefined {
  if (error instanceof VerifiedTokenError) return tokenMessage(error.token.payload, error.token.identity);
  if (error.code !== 'ERR_JWT_FORBIDDEN') return undefined;
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
