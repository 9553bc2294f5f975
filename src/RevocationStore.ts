import type { TokenType } from './VerifiedToken';

/** What a store is told of a token. Times are in seconds since 1970. */
export interface TokenFacts {
  readonly identity: string;
  readonly type: TokenType;
  /** `null` for a token of another issuer that has none, which therefore cannot be revoked by itself. */
  readonly jti: string | null;
  /** The session it belongs to. */
  readonly sid?: string;
  /** How often its identity had been logged out everywhere when it was made; absent where nobody counted. */
  readonly gen?: number;
  readonly iat?: number;
  /** When it will have expired for every clock that is forgiven; absent for a token that never does. */
  readonly until?: number;
}

/** One log-in on one device. Times are in seconds since 1970. */
export interface Session {
  readonly sid: string;
  readonly started: number;
  /** When its refresh token was last exchanged; the start, before that. */
  readonly refreshed: number;
  /** When its refresh token ends; absent where it never does. */
  readonly until?: number;
  /** As the application has given it. */
  readonly userAgent?: string;
}

export interface NewSession {
  readonly identity: string;
  readonly sid: string;
  /** The `jti` of its refresh token. */
  readonly jti: string;
  readonly until?: number;
  readonly userAgent?: string;
}

/** `valid`; `revoked`, by itself, with its session or with all; `reused`: a refresh token that was used up. */
export type Verdict = 'valid' | 'revoked' | 'reused';

/**
 * Remembers who may no longer come in. Extend it to keep that elsewhere; `spec/contract/revocationStore.ts` is
 * what a store must pass. Every method may throw, which lets nobody in.
 */
export abstract class RevocationStore {
  /**
   * What is known of a token, in one round trip; without a promise, where it is known at once. Revoked is a token
   * - whose `jti` was revoked,
   * - whose `gen` is not that of its identity, or that has none and an `iat` no later than the last revokeAll,
   * - that has a `gen` and a `sid` whose session is not there: it has ended, expired or been lost.
   * Reused is a refresh token whose session is there but has another current one, for longer than `grace`
   * seconds.
   */
  abstract check(token: TokenFacts, grace: number): Verdict | Promise<Verdict>;

  /** Revokes one token, and forgets it when it has expired. */
  abstract revoke(token: TokenFacts): Promise<void>;

  /** Revokes every token of an identity made until now, by counting its generation up, and ends its sessions. */
  abstract revokeAll(identity: string): Promise<void>;

  /** The generation of an identity: 0, until the first revokeAll. */
  abstract generation(identity: string): Promise<number>;

  /** Notes a session, and returns the generation of its identity, in one step. */
  abstract startSession(session: NewSession): Promise<number>;

  /**
   * Exchanges the refresh token of a session for the one with `jti`, in one atomic step, so that of many who try
   * one alone is the first. Those that come within `grace` seconds of the first succeed too, until one of the new
   * tokens is used in turn. Ends the session where the verdict is `reused`.
   */
  abstract rotate(token: TokenFacts, jti: string, grace: number): Promise<Verdict>;

  /** The sessions of an identity that have neither ended nor expired, in the order of their start. */
  abstract sessions(identity: string): Promise<Session[]>;

  /** Ends a session; one that is not there has ended already. */
  abstract endSession(identity: string, sid: string): Promise<void>;
}
