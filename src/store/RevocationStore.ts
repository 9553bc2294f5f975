import type { TokenType } from '../claims';
import { JwtConfigurationError } from '../errors';

/** What a store is told about a token. Times are in seconds since 1970. */
export interface TokenFacts {
  readonly identity: string;
  /** `access` for a token for one purpose too: only refresh tokens are exchanged. */
  readonly type: TokenType;
  /** `null` when a token of another issuer has none. Such a token cannot be revoked by itself. */
  readonly jti: string | null;
  /** The session to which it belongs. */
  readonly sid?: string;
  /** How often its identity had been logged out everywhere when it was made. Absent when no store counted. */
  readonly gen?: number;
  readonly iat?: number;
  /** When it has expired, leeway included. Absent when it never does. */
  readonly until?: number;
}

/** One log-in on one device. Times are in seconds since 1970. */
export interface Session {
  readonly sid: string;
  readonly started: number;
  /** When its refresh token was last exchanged. Before the first exchange: when the session started. */
  readonly refreshed: number;
  /** When its refresh token ends. Absent when it never does. */
  readonly until?: number;
  /** As the application passed it, cut to 512 characters. */
  readonly userAgent?: string;
}

/** A session that begins, as a store is told of it. */
export interface NewSession {
  readonly identity: string;
  readonly sid: string;
  /** The `jti` of its refresh token. */
  readonly jti: string;
  readonly until?: number;
  readonly userAgent?: string;
}

/** A client chooses it, and a store keeps it as long as the session. */
const USER_AGENT_LENGTH = 512;

/** The optional members of a session, unless they are undefined. Their size is bounded. */
export function sessionDetails(
  until: number | undefined,
  userAgent: string | undefined,
): Pick<Session, 'until' | 'userAgent'> {
  return {
    ...(until !== undefined && { until }),
    // Types do not bind a request at run time: an object would have no bound.
    ...(typeof userAgent === 'string' && { userAgent: copied(userAgent.slice(0, USER_AGENT_LENGTH)) }),
  };
}

/** A copy, because a slice would keep the whole text in memory. Half of a surrogate pair becomes U+FFFD. */
function copied(text: string): string {
  return Buffer.from(text).toString();
}

/** `revoked`: by itself, with its session or with all of its identity. `reused`: a refresh token was used twice. */
export type Verdict = 'valid' | 'revoked' | 'reused';

/**
 * Remembers which tokens were revoked. Extend it to keep that somewhere else; `revocationStoreContract` of the
 * subpath `/testing` is the suite that a store must pass. Every method may throw; then nobody gets in.
 */
export abstract class RevocationStore {
  /**
   * The verdict on a token, in one round trip. `verdictOn` gives it for what the store knows. Returns no promise
   * when the store knows at once.
   */
  abstract check(token: TokenFacts, grace: number): Verdict | Promise<Verdict>;

  /** Revokes one token. The store may forget it once it has expired. */
  abstract revoke(token: TokenFacts): Promise<void>;

  /**
   * Revokes one token unless it was revoked before, in one atomic step, and returns whether it did: of many attempts at
   * once only one is the first. The default is for stores that were written before there were tokens for single use.
   */
  // eslint-disable-next-line @typescript-eslint/no-unused-vars -- what a store gets
  spend(_token: TokenFacts): Promise<boolean> {
    const { name } = this.constructor;
    return Promise.reject(
      new JwtConfigurationError(
        `${name} has no method spend, which tokens for single use need: it revokes a token unless it was revoked before, in one atomic step`,
      ),
    );
  }

  /** Revokes all tokens of an identity that exist now: increments its generation, and ends its sessions. */
  abstract revokeAll(identity: string): Promise<void>;

  /** The generation of an identity: 0 before the first revokeAll. */
  abstract generation(identity: string): Promise<number>;

  /**
   * Adds a session, and returns the generation of its identity, in one atomic step. When the identity has more than
   * `max` sessions then, from 1, the first to start end.
   */
  abstract startSession(session: NewSession, max?: number | false): Promise<number>;

  /**
   * Exchanges the refresh token of a session for the one with `jti`, in one atomic step: of many attempts at once
   * only one is the first. Attempts within `grace` seconds of the first succeed too, until one of the new tokens is
   * exchanged, which supersedes the others. A store may bound their number: then the verdict on one more is `revoked`,
   * and the session lives on. Ends the session when the verdict is `reused`.
   */
  abstract rotate(token: TokenFacts, jti: string, grace: number): Promise<Verdict>;

  /** The sessions of an identity that have neither ended nor expired, oldest first. */
  abstract sessions(identity: string): Promise<Session[]>;

  /** Ends a session. Does nothing when there is no such session. */
  abstract endSession(identity: string, sid: string): Promise<void>;
}

export type StoreMethod = keyof RevocationStore;

/** The methods that every store has, for code that has only an object. */
export const STORE_METHODS = Object.keys({
  check: true,
  revoke: true,
  revokeAll: true,
  generation: true,
  startSession: true,
  rotate: true,
  sessions: true,
  endSession: true,
} satisfies Record<Exclude<StoreMethod, 'spend'>, true>) as readonly StoreMethod[];
