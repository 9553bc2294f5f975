import type { TokenFacts, Verdict } from './RevocationStore';

/** The refresh tokens of a session. More than one is current only during the grace period. */
export interface RefreshTokens {
  readonly current: readonly string[];
  readonly previous: readonly string[];
  /** Milliseconds since 1970. */
  readonly rotatedAt: number;
}

/** What a store knows about the identity and the session of a token. */
export interface StoreRecords {
  /** Whether the `jti` of the token was revoked. */
  readonly isRevoked: boolean;
  /** How often the identity was logged out everywhere. */
  readonly generation: number;
  /** When it was last logged out everywhere, in seconds since 1970. */
  readonly loggedOutAt: number;
  /** The session with the `sid` and the identity of the token. */
  readonly session: RefreshTokens | undefined;
}

/**
 * What makes a token revoked or reused, in this order. A token is revoked
 * - if its `jti` was revoked,
 * - if its `gen` differs from that of its identity; or, without a `gen`, if it was made before the last revokeAll,
 * - if it has a `gen` and a `sid`, and there is no such session: it has ended, expired or been lost.
 *
 * A refresh token is reused if its session has other refresh tokens now, for longer than `grace` seconds. `now` is
 * in milliseconds since 1970.
 */
export function verdictOn(token: TokenFacts, known: StoreRecords, grace: number, now: number): Verdict {
  if (known.isRevoked) return 'revoked';
  if (token.gen === undefined) {
    return known.generation > 0 && (token.iat ?? 0) <= known.loggedOutAt ? 'revoked' : 'valid';
  }
  if (token.gen !== known.generation) return 'revoked';
  if (token.sid === undefined) return 'valid';
  if (known.session === undefined) return 'revoked';
  if (token.type === 'access') return 'valid';
  return isGoodRefreshToken(known.session, String(token.jti), grace, now) ? 'valid' : 'reused';
}

/** More tabs than this do not refresh at once. More attempts count as theft. */
export const MAX_CURRENT = 32;

/** Whether a refresh token is a current one, or was one `grace` seconds ago. `now` is in milliseconds since 1970. */
export function isGoodRefreshToken(tokens: RefreshTokens, jti: string, grace: number, now: number): boolean {
  if (tokens.current.includes(jti)) return true;
  return tokens.previous.includes(jti) && now - tokens.rotatedAt < grace * 1000;
}

/** The refresh tokens after `used` was exchanged for `next`. Undefined when `used` was reused. */
export function exchangedRefreshTokens(
  tokens: RefreshTokens,
  used: string,
  next: string,
  grace: number,
  now: number,
): RefreshTokens | undefined {
  if (!isGoodRefreshToken(tokens, used, grace, now)) return undefined;
  if (tokens.current.includes(used)) return { current: [next], previous: tokens.current, rotatedAt: now };
  if (tokens.current.length >= MAX_CURRENT) return undefined;
  return { ...tokens, current: [...tokens.current, next] };
}
