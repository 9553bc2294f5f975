import { ExpiringMap } from './ExpiringMap';
import { RevocationStore, sessionDetails } from './RevocationStore';
import type { NewSession, Session, TokenFacts, Verdict } from './RevocationStore';
import { SidList } from './SidList';
import { exchangedRefreshTokens, verdictOn, type RefreshTokens } from './verdict';

interface KnownSession extends Session {
  readonly identity: string;
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
  readonly #sessions = new ExpiringMap<KnownSession>((sid, { identity }) => {
    this.#unlist(identity, sid);
  });
  readonly #sessionsOf = new Map<string, SidList>();
  readonly #generations = new Map<string, Generation>();

  check(token: TokenFacts, grace: number): Verdict | Promise<Verdict> {
    return this.#verdict(token, this.#session(token.identity, token.sid), grace);
  }

  async revoke({ jti, until }: TokenFacts): Promise<void> {
    if (jti !== null) this.#revoked.set(jti, true, until === undefined ? undefined : until + EXPIRY_MARGIN);
  }

  override async spend(token: TokenFacts): Promise<boolean> {
    if (token.jti === null || this.#revoked.get(token.jti) === true) return false;
    await this.revoke(token);
    return true;
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

  async startSession(session: NewSession, max: number | false = false): Promise<number> {
    const { identity, sid, jti, until, userAgent } = session;
    const now = Date.now();
    const started = Math.floor(now / 1000);
    const tokens = { current: [jti], rotatedAt: now };
    const details = sessionDetails(until, userAgent);
    this.#sessions.set(sid, { identity, sid, started, refreshed: started, ...details, tokens }, until);
    if (this.#session(identity, sid) !== undefined) this.#list(identity, sid);
    if (max !== false) this.#endOldest(identity, max);
    return this.#generation(identity).count;
  }

  async rotate(token: TokenFacts, jti: string, grace: number): Promise<Verdict> {
    const session = this.#session(token.identity, token.sid);
    if (session === undefined || this.#verdict(token, session, grace) === 'revoked') return 'revoked';
    const now = Date.now();
    const tokens = exchangedRefreshTokens(session.tokens, String(token.jti), jti, grace, now);
    if (tokens === 'reused') await this.endSession(token.identity, session.sid);
    if (typeof tokens === 'string') return tokens;
    const refreshed = Math.floor(now / 1000);
    this.#sessions.set(session.sid, { ...session, refreshed, tokens }, session.until);
    return 'valid';
  }

  async sessions(identity: string): Promise<Session[]> {
    return [...(this.#sessionsOf.get(identity) ?? [])].flatMap((sid) => {
      const session = this.#session(identity, sid);
      if (session === undefined) return [];
      const { started, refreshed, until, userAgent } = session;
      return [{ sid, started, refreshed, ...sessionDetails(until, userAgent) }];
    });
  }

  async endSession(identity: string, sid: string): Promise<void> {
    if (this.#session(identity, sid) === undefined) return;
    this.#sessions.delete(sid);
    this.#unlist(identity, sid);
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

  #list(identity: string, sid: string): void {
    const sids = this.#sessionsOf.get(identity) ?? new SidList();
    sids.add(sid);
    this.#sessionsOf.set(identity, sids);
  }

  #unlist(identity: string, sid: string): void {
    const sids = this.#sessionsOf.get(identity);
    sids?.delete(sid);
    if (sids?.size === 0) this.#sessionsOf.delete(identity);
  }

  #endOldest(identity: string, max: number): void {
    const sids = this.#sessionsOf.get(identity);
    while (sids !== undefined && sids.size > max) {
      const sid = String(sids.oldest);
      this.#sessions.delete(sid);
      this.#unlist(identity, sid);
    }
  }

  #session(identity: string, sid: string | undefined): KnownSession | undefined {
    const session = sid === undefined ? undefined : this.#sessions.get(sid);
    return session?.identity === identity ? session : undefined;
  }
}
