/** The claims of a token (RFC 7519 §4). Frozen, all the way down. */
export interface JwtClaims {
  /** The identity, unless `identityClaim` names another claim. */
  readonly sub?: string;
  readonly iss?: string;
  readonly aud?: string | readonly string[];
  /** Seconds since 1970, as `nbf` and `iat` are. Absent on a token that never expires. */
  readonly exp?: number;
  readonly nbf?: number;
  readonly iat?: number;
  /** `null` where a token of another issuer has none. */
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
/** What a token is good for: opening protected routes, or getting a new access token. */
export type TokenType = (typeof TOKEN_TYPES)[number];

/** A token whose signature and claims held, leaving open only whether it has expired. */
export interface VerifiedToken {
  readonly header: JoseHeader;
  readonly payload: JwtClaims;
  /** The value of the identity claim: a string, unless `verifySub` is off. */
  readonly identity: unknown;
}
