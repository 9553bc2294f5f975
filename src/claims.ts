/** The claims of a token (RFC 7519 §4). Frozen, with everything in them. */
export interface JwtClaims {
  /** The identity, unless `identityClaim` names another claim. */
  readonly sub?: string;
  readonly iss?: string;
  readonly aud?: string | readonly string[];
  /** Seconds since 1970, as `nbf` and `iat` are. Absent on a token that never expires. */
  readonly exp?: number;
  readonly nbf?: number;
  readonly iat?: number;
  /** `null` when a token of another issuer has none. */
  readonly jti: string | null;
  readonly type: TokenType;
  /** `true`, `false`, or the time in seconds since 1970 until which the token is fresh. */
  readonly fresh: boolean | number;
  readonly csrf?: string;
  readonly [claim: string]: unknown;
}

/** The header of a token (RFC 7515 §4). */
export interface JoseHeader {
  readonly alg: string;
  readonly typ?: string;
  readonly kid?: string;
  readonly [parameter: string]: unknown;
}

export const TOKEN_TYPES = ['access', 'refresh'] as const;
/** What a token is for: an access token opens protected routes, a refresh token gets a new access token. */
export type TokenType = (typeof TOKEN_TYPES)[number];

/** A token whose signature and claims have been verified. Only its expiry is still open. */
export interface VerifiedToken {
  readonly header: JoseHeader;
  readonly payload: JwtClaims;
  /** The value of the identity claim: a string, unless `verifySub` is off. */
  readonly identity: unknown;
}

/**
 * The claims to which this library gives a meaning. Additional claims cannot set them: with them, an application
 * that lets users name claims would let them make a refresh token an access token, or somebody else's (CWE-915).
 */
export const RESERVED_CLAIMS = ['sub', 'type', 'jti', 'fresh', 'csrf', 'sid', 'gen'];

/** The claims of RFC 7519 that an application may set. Every new token gets its own. */
export const REGISTERED_CLAIMS = ['iss', 'aud', 'exp', 'nbf', 'iat'];

// crit: no extension is implemented here, so none can be called critical (RFC 7515 §4.1.11). b64: RFC 7797 §6.
// cty, zip, enc: nested, compressed and encrypted tokens (RFC 7519 §5.2).
export const UNSUPPORTED_HEADERS = ['crit', 'b64', 'cty', 'zip', 'enc'];

/** The headers that additional headers cannot set, because they decide how a token is verified (RFC 8725 §3.1). */
export const RESERVED_HEADERS = ['alg', 'typ', ...UNSUPPORTED_HEADERS];

/** The text by which stores and messages know an identity. With `verifySub: false` it may be any JSON value. */
export function identityText(identity: unknown): string {
  return typeof identity === 'string' ? identity : JSON.stringify(identity);
}

/**
 * A copy with the members of an object alone. Everything that decides is read from such copies, from instances of
 * classes, or from literals that have each member: a polluted Object.prototype would add what is absent.
 */
export function bare<Members extends object>(members: Members): Members {
  return Object.assign(Object.create(null) as Members, members);
}

/** No options for a call of lru-cache, not even inherited ones. It is not frozen, because lru-cache writes to it. */
export const NO_OPTIONS = bare({});
