import { ExpiringMap } from './ExpiringMap';
import { exchangedRefreshTokens, isGoodRefreshToken, type RefreshTokens } from './refreshTokens';
import {
  RevocationStore,
  type NewSession,
  type Session,
  type TokenFacts,
  type Verdict,
} from '../RevocationStore';

interface KnownSession extends NewSession {
  readonly started: number;
  readonly refreshed: number;
  readonly tokens: RefreshTokens;
}

interface Generation {
  readonly count: number;
  /** Seconds since 1970. */
  readonly since: number;
}

/** A token may expire while its request is being looked into: what was revoked is known a little longer. */
const EXPIRY_MARGIN = 60;

/**
 * Remembers in this process, and in no other: for one process, and for tests. A restart ends every session and
 * forgets what was revoked. Bounded by expiry, but for a few bytes for each identity that was ever logged out
 * everywhere.
 */
export class MemoryRevocationStore extends RevocationStore {
  readonly #revoked = new ExpiringMap<true>();
  readonly #sessions = new ExpiringMap<KnownSession>();
  readonly #sessionsOf = new ExpiringMap<ReadonlySet<string>>();
  readonly #generations = new Map<string, Generation>();

  check(token: TokenFacts, grace: number): Verdict | Promise<Verdict> {
    if (token.jti !== null && this.#revoked.get(token.jti) === true) return 'revoked';
    const generation = this.#generations.get(token.identity);
    if (token.gen === undefined) {
      return generation !== undefined && (token.iat ?? 0) <= generation.since ? 'revoked' : 'valid';
    }
    if (token.gen !== (generation?.count ?? 0)) return 'revoked';
    if (token.sid === undefined) return 'valid';
    const session = this.#session(token.identity, token.sid);
    if (session === undefined) return 'revoked';
    if (token.type === 'access') return 'valid';
    return isGoodRefreshToken(session.tokens, String(token.jti), grace, Date.now()) ? 'valid' : 'reused';
  }

  async revoke({ jti, until }: TokenFacts): Promise<void> {
    if (jti !== null) this.#revoked.set(jti, true, until === undefined ? undefined : until + EXPIRY_MARGIN);
  }

  async revokeAll(identity: string): Promise<void> {
    const count = (this.#generations.get(identity)?.count ?? 0) + 1;
    this.#generations.set(identity, { count, since: Date.now() / 1000 });
    for (const sid of this.#sessionsOf.get(identity) ?? []) this.#sessions.delete(sid);
    this.#sessionsOf.delete(identity);
  }

  async generation(identity: string): Promise<number> {
    return this.#generations.get(identity)?.count ?? 0;
  }

  async startSession(session: NewSession): Promise<number> {
    const now = Date.now();
    const tokens = { current: [session.jti], previous: [], rotatedAt: now };
    const started = Math.floor(now / 1000);
    this.#sessions.set(session.sid, { ...session, started, refreshed: started, tokens }, session.until);
    this.#index(session.identity, [...(this.#sessionsOf.get(session.identity) ?? []), session.sid]);
    return this.generation(session.identity);
  }

  async rotate(token: TokenFacts, jti: string, grace: number): Promise<Verdict> {
    const verdict = await this.check(token, grace);
    const session = this.#session(token.identity, String(token.sid));
    if (verdict === 'revoked' || session === undefined) return 'revoked';
    const now = Date.now();
    const tokens = exchangedRefreshTokens(session.tokens, String(token.jti), jti, grace, now);
    if (tokens === undefined) {
      await this.endSession(token.identity, session.sid);
      return 'reused';
    }
    const refreshed = Math.floor(now / 1000);
    this.#sessions.set(session.sid, { ...session, refreshed, tokens }, session.until);
    return 'valid';
  }

  async sessions(identity: string): Promise<Session[]> {
    return [...(this.#sessionsOf.get(identity) ?? [])].flatMap((sid) => {
      const session = this.#session(identity, sid);
      if (session === undefined) return [];
      const { started, refreshed, until, userAgent } = session;
      return [
        {
          sid,
          started,
          refreshed,
          ...(until !== undefined && { until }),
          ...(userAgent !== undefined && { userAgent }),
        },
      ];
    });
  }

  async endSession(identity: string, sid: string): Promise<void> {
    if (this.#session(identity, sid) === undefined) return;
    this.#sessions.delete(sid);
    this.#index(identity, [...(this.#sessionsOf.get(identity) ?? [])]);
  }

  /** Notes which sessions an identity has: those that are there, until the last of them ends. */
  #index(identity: string, sids: readonly string[]): void {
    const open = sids.flatMap((sid) => this.#session(identity, sid) ?? []);
    const until = Math.max(...open.map((session) => session.until ?? Infinity));
    if (open.length === 0) this.#sessionsOf.delete(identity);
    else this.#sessionsOf.set(identity, new Set(open.map(({ sid }) => sid)), until);
  }

  #session(identity: string, sid: string): KnownSession | undefined {
    const session = this.#sessions.get(sid);
    return session?.identity === identity ? session : undefined;
  }
}
