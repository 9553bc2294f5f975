import type { Context } from 'koa';
import type { TokenLocation } from '../config/OptionTable';
import type { JoseHeader, JwtClaims } from '../VerifiedToken';

/** Who a request is, as `ctx.state.jwt`: there once a guard has let it in. All undefined where it is anonymous. */
export interface JwtState<User = unknown, Identity = string> {
  /** What the token was made for: flask-jwt-extended's get_jwt_identity(). */
  readonly identity: Identity | undefined;
  /** The claims: get_jwt(). */
  readonly payload: JwtClaims | undefined;
  /** get_jwt_header(). */
  readonly header: JoseHeader | undefined;
  readonly location: TokenLocation | undefined;
  /** What the user loader returned: get_current_user(). Undefined without a user loader. */
  readonly user: User | undefined;
}

declare module 'koa' {
  interface DefaultState {
    jwt?: JwtState;
  }
}

export const ANONYMOUS: JwtState = Object.freeze({
  identity: undefined,
  payload: undefined,
  header: undefined,
  location: undefined,
  user: undefined,
});

/** `ctx.state.jwt`, or an Error where no guard has run: an identity that nobody checked is not to be had. */
export function getJwtState(ctx: Context): JwtState {
  const state = findJwtState(ctx);
  if (state !== undefined) return state;
  throw new Error(
    'No JWT guard has seen this request: put @JwtRequired() or @JwtOptional() on the action, or await verifyJwtInRequest(ctx) first',
  );
}

/** `ctx.state.jwt`, where a guard has put it; and not what every object may have come to have. */
export function findJwtState(ctx: Context): JwtState | undefined {
  return Object.hasOwn(ctx.state, 'jwt') ? (ctx.state as { jwt?: JwtState }).jwt : undefined;
}
