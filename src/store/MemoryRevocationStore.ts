import { ExpiringMap } from './ExpiringMap';
import { RevocationStore, sessionDetails } from './RevocationStore';
import type { NewSession, Session, TokenFacts, Verdict } from './RevocationStore';
import { exchangedRefreshTokens, verdictOn, type RefreshTokens } from './verdict';

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

const NEVER_LOGGED_OUT: Generation = { count: 0, since: 0 };

/** A token may expire while its request is served, so the store remembers it a little longer, in seconds. */
const EXPIRY_MARGIN = 60;

/**
 * Remembers in this process only: for a single process, and for tests. A restart ends every session and forgets
 * what was revoked. Expiry bounds its memory, except for a few bytes for each identity that was ever logged out
 * everywhere.
 */
export class MemoryRevocationStore extends RevocationStore {
  readonly #revoked = new ExpiringMap<true>();
  readonly #sessions = new ExpiringMap<KnownSession>();
  readonly #sessionsOf = new ExpiringMap<ReadonlySet<string>>();
  readonly #generations = new Map<string, Generation>();

  check(token: TokenFacts, grace: number): Verdict | Promise<Verdict> {
    return this.#verdict(token, this.#session(token.identity, token.sid), grace);
  }

  async revoke({ jti, until }: TokenFacts): Promise<void> {
    if (jti !== null) this.#revoked.set(jti, true, until === undefined ? undefined : until + EXPIRY_MARGIN);
  }

  async revokeAll(identity: string): Promise<void> {
    const { count } = this.#generation(identity);
    this.#generations.set(identity, { count: count + 1, since: Date.now() / 1000 });
    for (const sid of this.#sessionsOf.get(identity) ?? []) this.#sessions.delete(sid);
    this.#sessionsOf.delete(identity);
  }

  async generation(identity: string): Promise<number> {
    return this.#generation(identity).count;
  }

  async startSession(session: NewSession): Promise<number> {
    const { identity, sid, until } = session;
    const now = Date.now();
    const tokens = { current: [session.jti], previous: [], rotatedAt: now };
    const started = Math.floor(now / 1000);
    this.#sessions.set(sid, { ...session, started, refreshed: started, tokens }, until);
    this.#index(identity, [...(this.#sessionsOf.get(identity) ?? []), sid]);
    return this.#generation(identity).count;
  }

  async rotate(token: TokenFacts, jti: string, grace: number): Promise<Verdict> {
    const session = this.#session(token.identity, token.sid);
    if (session === undefined || this.#verdict(token, session, grace) === 'revoked') return 'revoked';
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
    return this.#open(identity, this.#sessionsOf.get(identity) ?? []).map(
      ({ sid, started, refreshed, until, userAgent }) => ({
        sid,
        started,
        refreshed,
        ...sessionDetails(until, userAgent),
      }),
    );
  }

  async endSession(identity: string, sid: string): Promise<void> {
    if (this.#session(identity, sid) === undefined) return;
    this.#sessions.delete(sid);
    this.#index(identity, this.#sessionsOf.get(identity) ?? []);
  }

  #verdict(token: TokenFacts, session: KnownSession | undefined, grace: number): Verdict {
    const { count, since } = this.#generation(token.identity);
    const isRevoked = token.jti !== null && this.#revoked.get(token.jti) === true;
    const known = { isRevoked, generation: count, loggedOutAt: since, session: session?.tokens };
    return verdictOn(token, known, grace, Date.now());
  }

  #generation(identity: string): Generation {
    return this.#generations.get(identity) ?? NEVER_LOGGED_OUT;
  }

  /** Updates the list of sessions of an identity: the open ones, until the last of them ends. */
  #index(identity: string, sids: Iterable<string>): void {
    const open = this.#open(identity, sids);
    const until = Math.max(...open.map((session) => session.until ?? Infinity));
    if (open.length === 0) this.#sessionsOf.delete(identity);
    else this.#sessionsOf.set(identity, new Set(open.map(({ sid }) => sid)), until);
  }

  #open(identity: string, sids: Iterable<string>): KnownSession[] {
    return [...sids].flatMap((sid) => this.#session(identity, sid) ?? []);
  }

  #session(identity: string, sid: string | undefined): KnownSession | undefined {
    const session = sid === undefined ? undefined : this.#sessions.get(sid);
    return session?.identity === identity ? session : undefined;
  }
}
