import type { JwtClaims } from '../claims';

/** A token, without anything that could be used as one. */
export interface TokenMessage {
  readonly type: JwtClaims['type'];
  readonly identity: unknown;
  readonly jti: string | null;
  /** Its session, if it has one. */
  readonly sid?: string;
  /** When it ends, in seconds since 1970. Undefined: never. */
  readonly exp?: number;
}

export function tokenMessage({ type, jti, sid, exp }: JwtClaims, identity: unknown): TokenMessage {
  return {
    type,
    identity,
    jti,
    ...(typeof sid === 'string' && { sid }),
    ...(exp !== undefined && { exp }),
  };
}
