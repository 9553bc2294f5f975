import { RedisKeys, type IdentityKeys } from './RedisKeys';
import { END_SESSION, LOOK, REVOKE, REVOKE_ALL, ROTATE, START_SESSION } from './redisScripts';
import { isGoodRefreshToken, type RefreshTokens } from './refreshTokens';
import {
  RevocationStore,
  type NewSession,
  type Session,
  type TokenFacts,
  type Verdict,
} from '../RevocationStore';
import { TrackedAnswers, type TimedVerdict } from './TrackedAnswers';

/** The two commands that are used of a client or cluster of the official `redis` package. */
export interface RedisCommands {
  mGet(keys: string[]): Promise<(string | null)[]>;
  eval(script: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>;
}

export interface RedisRevocationStoreOptions {
  /** What the names of all keys begin with. Default: `jwt:`. */
  readonly prefix?: string;
  /**
   * Keeps what Redis has said of access tokens in this process until Redis tells of a change: 10 000 answers, or
   * `max`. Wants a client made by `createClient({ RESP: 3, emitInvalidate: true })`. Default: false.
   */
  readonly localAnswers?: boolean | { readonly max: number };
}

const MOST_LOCAL_ANSWERS = 10_000;

/** A session as it stands in Redis, written by the scripts. */
interface StoredSession extends RefreshTokens {
  readonly started: number;
  readonly refreshed: number;
  readonly until?: number;
  readonly userAgent?: string;
}

/**
 * Remembers in Redis or Valkey, for any number of processes. The application makes the client, connects it and
 * listens to its errors. Whatever concerns one identity has one hash tag, so that no command spans slots of a
 * Redis Cluster: a check is one MGET, each change one script.
 */
export class RedisRevocationStore extends RevocationStore {
  readonly #redis: RedisCommands;
  readonly #keys: RedisKeys;
  readonly #local: TrackedAnswers | undefined;

  /** Throws JwtConfigurationError where the client cannot keep local answers right. */
  constructor(
    redis: RedisCommands,
    { prefix = 'jwt:', localAnswers = false }: RedisRevocationStoreOptions = {},
  ) {
    super();
    this.#redis = redis;
    this.#keys = new RedisKeys(prefix);
    if (localAnswers === false) return;
    const max = localAnswers === true ? MOST_LOCAL_ANSWERS : localAnswers.max;
    this.#local = new TrackedAnswers(redis, max, (key) => this.#keys.groupOf(key));
  }

  check(token: TokenFacts, grace: number): Verdict | Promise<Verdict> {
    const local = token.type === 'access' ? this.#local : undefined;
    return local?.recall(token) ?? this.#ask(token, grace, local);
  }

  async #ask(token: TokenFacts, grace: number, local: TrackedAnswers | undefined): Promise<Verdict> {
    const keys = this.#keys.of(token.identity);
    const ask = (): Promise<TimedVerdict> => this.#look(keys, token, grace);
    return local === undefined ? (await ask()).verdict : local.learn(token, keys.generation, ask);
  }

  async #look(keys: IdentityKeys, token: TokenFacts, grace: number): Promise<TimedVerdict> {
    const asked = [keys.generation, keys.session(token.sid ?? ''), keys.token(token.jti ?? '')];
    const isRefresh = token.type === 'refresh';
    const answer: unknown = isRefresh ? await this.#run(LOOK, asked, []) : await this.#redis.mGet(asked);
    if (!Array.isArray(answer) || answer.length !== asked.length + Number(isRefresh)) throw nonsense();
    const [generation, session, revoked, now] = answer as unknown[];
    const until = token.until ?? Infinity;
    const [valid, isRevoked] = [
      { verdict: 'valid', until },
      { verdict: 'revoked', until },
    ] as const;
    if (revoked === '1') return isRevoked;
    if (revoked !== null || (session !== null && typeof session !== 'string')) throw nonsense();
    const { count, since } = parsedGeneration(generation);
    if (token.gen === undefined) return count > 0 && (token.iat ?? 0) <= since ? isRevoked : valid;
    if (token.gen !== count) return isRevoked;
    if (token.sid === undefined) return valid;
    if (session === null) return isRevoked;
    const stored = parsedSession(session);
    if (!isRefresh) return { verdict: 'valid', until: Math.min(until, stored.until ?? Infinity) };
    const isGood = isGoodRefreshToken(stored, String(token.jti), grace, Number(now));
    return isGood ? valid : { verdict: 'reused', until };
  }

  async revoke(token: TokenFacts): Promise<void> {
    if (token.jti === null) return;
    await this.#change(REVOKE, [this.#keys.of(token.identity).token(token.jti)], [at(token.until)]);
  }

  async revokeAll(identity: string): Promise<void> {
    const keys = this.#keys.of(identity);
    await this.#change(REVOKE_ALL, [keys.generation, keys.sessions], [keys.session('')]);
  }

  async generation(identity: string): Promise<number> {
    const [generation] = await this.#redis.mGet([this.#keys.of(identity).generation]);
    return parsedGeneration(generation).count;
  }

  async startSession({ identity, sid, jti, until, userAgent }: NewSession): Promise<number> {
    const keys = this.#keys.of(identity);
    const written: Keys = [keys.session(sid), keys.sessions, keys.generation];
    const about = JSON.stringify({
      ...(until !== undefined && { until }),
      ...(userAgent !== undefined && { userAgent }),
    });
    return parsedGeneration(await this.#change(START_SESSION, written, [sid, jti, at(until), about])).count;
  }

  async rotate(token: TokenFacts, jti: string, grace: number): Promise<Verdict> {
    const keys = this.#keys.of(token.identity);
    const sid = token.sid ?? '';
    const { generation, sessions } = keys;
    const written: Keys = [keys.session(sid), sessions, generation, keys.token(token.jti ?? '')];
    const facts = [sid, token.jti ?? '', jti, String(grace * 1000), String(token.gen ?? '')];
    const verdict = await this.#change(ROTATE, written, facts);
    if (verdict === 'valid' || verdict === 'revoked' || verdict === 'reused') return verdict;
    throw nonsense();
  }

  async sessions(identity: string): Promise<Session[]> {
    const keys = this.#keys.of(identity);
    const sids = await this.#run('return redis.call("ZRANGE", KEYS[1], 0, -1)', [keys.sessions], []);
    if (!Array.isArray(sids)) throw nonsense();
    if (sids.length === 0) return [];
    const stored: unknown[] = await this.#redis.mGet(sids.map((sid) => keys.session(String(sid))));
    const found = stored.flatMap((session, i) => {
      if (session === null) return [];
      const { started, refreshed, until, userAgent } = parsedSession(session);
      if (until !== undefined && until <= Date.now() / 1000) return [];
      const known = { ...(until !== undefined && { until }), ...(userAgent !== undefined && { userAgent }) };
      return [{ sid: String(sids[i]), started, refreshed, ...known }];
    });
    return found.sort((one, other) => one.started - other.started);
  }

  async endSession(identity: string, sid: string): Promise<void> {
    const keys = this.#keys.of(identity);
    await this.#change(END_SESSION, [keys.session(sid), keys.sessions], [sid]);
  }

  /** Whatever comes of it, and before anybody is told: what this process knew of the identity is void. */
  async #change(script: string, keys: Keys, args: string[]): Promise<unknown> {
    try {
      return await this.#run(script, keys, args);
    } finally {
      this.#local?.changed(keys[0]);
    }
  }

  #run(script: string, keys: string[], args: string[]): Promise<unknown> {
    return this.#redis.eval(script, { keys, arguments: args });
  }
}

type Keys = [string, ...string[]];

/** Clocks of Redis and of this process differ a little: what is kept a minute longer than needed does no harm. */
const CLOCK_MARGIN = 60;

function at(until: number | undefined): string {
  return until === undefined ? '' : String(Math.ceil(until) + CLOCK_MARGIN);
}

function parsedGeneration(stored: unknown): { count: number; since: number } {
  if (stored === null) return { count: 0, since: 0 };
  if (typeof stored !== 'string') throw nonsense();
  const [count, since] = stored.split(':').map(Number);
  if (!Number.isInteger(count) || !Number.isFinite(since)) throw nonsense();
  return { count: Number(count), since: Number(since) };
}

function parsedSession(stored: unknown): StoredSession {
  if (typeof stored !== 'string') throw nonsense();
  const session = JSON.parse(stored) as StoredSession;
  if (!Array.isArray(session.current) || !Array.isArray(session.previous)) throw nonsense();
  return session;
}

function nonsense(): Error {
  return new Error('Redis answered something that the revocation store has not written');
}
