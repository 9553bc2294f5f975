import type { Context } from 'koa';
import type { JoseHeader, JwtClaims, VerifiedToken } from '../claims';
import type { TokenLocation } from '../config/OptionTable';
import type { GivenToken } from './FoundToken';

/** Who a request is: `ctx.state.jwt`, once a guard has let it in. All undefined for an anonymous request. */
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
  /** The token itself, for calls in the name of its owner. Not enumerable, so that no log shows it. */
  readonly token: string | undefined;
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
  token: undefined,
});

/** Who a token is, from verifyToken: nothing that a token says is undefined. */
export interface VerifiedJwtState<User = unknown, Identity = string> extends JwtState<User, Identity> {
  readonly identity: Identity;
  readonly payload: JwtClaims;
  readonly header: JoseHeader;
  readonly token: string;
}

/** The state of a request that was let in. Its token is an accessor of the class, which nothing prints or copies. */
export class AdmittedState implements VerifiedJwtState {
  readonly identity: string;
  readonly payload: JwtClaims;
  readonly header: JoseHeader;
  readonly location: TokenLocation | undefined;
  readonly user: unknown;
  readonly #token: string;

  constructor({ header, payload, identity }: VerifiedToken, { text, location }: GivenToken, user: unknown) {
    this.identity = identity as string;
    this.payload = payload;
    this.header = header;
    this.location = location;
    this.user = user;
    this.#token = text;
    Object.freeze(this);
  }

  get token(): string {
    return this.#token;
  }
}

/** `ctx.state.jwt`. Throws an Error when no guard has run, because then nobody has checked the identity. */
export function getJwtState(ctx: Context): JwtState {
  const state = findJwtState(ctx);
  if (state !== undefined) return state;
  throw new Error(
    'No JWT guard has seen this request: put @JwtRequired() or @JwtOptional() on the action, or await verifyJwtInRequest(ctx) first',
  );
}

/** `ctx.state.jwt` if a guard has set it. An own property, because Object.prototype may be polluted. */
export function findJwtState(ctx: Context): JwtState | undefined {
  return Object.hasOwn(ctx.state, 'jwt') ? (ctx.state as { jwt?: JwtState }).jwt : undefined;
}
