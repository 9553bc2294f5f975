import type { TokenFacts, Verdict } from './RevocationStore';

/**
 * The refresh tokens of a session. More than one is current when one exchange was repeated within the grace: each
 * repeat got a token of its own, and the first of them that is exchanged replaces them all.
 */
export interface RefreshTokens {
  readonly current: readonly string[];
  /** The one whose exchange, and its repeats, made the current ones. Absent before the first exchange. */
  readonly previous?: string;
  /** When `previous` was exchanged, in milliseconds since 1970. Before the first exchange: when the session started. */
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
 * A refresh token is reused if its session has other refresh tokens now; for the one that was exchanged last, if that
 * was more than `grace` seconds ago. `now` is in milliseconds since 1970.
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

/** More tabs than this do not refresh at once. It bounds what a burst makes a store remember. */
export const MAX_CURRENT = 32;

/** Whether a refresh token is current, or was exchanged last and within the grace. `now` is in milliseconds since 1970. */
export function isGoodRefreshToken(tokens: RefreshTokens, jti: string, grace: number, now: number): boolean {
  if (tokens.current.includes(jti)) return true;
  // Absolute, so that a clock that was set back does not prolong the grace.
  return tokens.previous === jti && Math.abs(now - tokens.rotatedAt) < grace * 1000;
}

/**
 * The refresh tokens after `used` was exchanged for `next`, or the verdict that refuses the exchange. `revoked` refuses
 * only this one, because there are enough current tokens; the session lives on. `reused` ends the session.
 */
export function exchangedRefreshTokens(
  tokens: RefreshTokens,
  used: string,
  next: string,
  grace: number,
  now: number,
): RefreshTokens | Exclude<Verdict, 'valid'> {
  if (!isGoodRefreshToken(tokens, used, grace, now)) return 'reused';
  // The other current tokens may be a thief's. Were they still accepted, both would refresh side by side for good.
  if (tokens.current.includes(used)) return { current: [next], previous: used, rotatedAt: now };
  if (tokens.current.length >= MAX_CURRENT) return 'revoked';
  return { ...tokens, current: [...tokens.current, next] };
}
