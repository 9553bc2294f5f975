import { bare } from '../../claims';
import { RevocationStore, sessionDetails } from '../RevocationStore';
import type { NewSession, Session, TokenFacts, Verdict } from '../RevocationStore';
import { verdictOn, type RefreshTokens, type StoreRecords } from '../verdict';
import { redisCommands, type IoredisCommands, type RedisCommands } from './redisCommands';
import { RedisKeys, type IdentityKeys } from './RedisKeys';
import { CLOCK_MARGIN, END_SESSION, LOOK, REVOKE, REVOKE_ALL, ROTATE, SPEND, START_SESSION } from './scripts';
import { TrackedVerdicts, type TimedVerdict } from './TrackedVerdicts';

export type { IoredisCommands, RedisCommands };

/** The options of RedisRevocationStore. */
export interface RedisRevocationStoreOptions {
  /** The prefix of the names of all keys. Default: `jwt:`. */
  readonly prefix?: string;
  /**
   * Caches the verdicts on access tokens in this process until Redis reports a change: 10,000 of them, or `max`.
   * Needs a client made by `createClient({ RESP: 3, emitInvalidate: true })`. Default: false.
   */
  readonly localCache?: boolean | { readonly max: number };
}

const DEFAULT_CACHE_SIZE = 10_000;

/** A session as the scripts write it. */
interface StoredSession extends RefreshTokens {
  readonly started: number;
  readonly refreshed: number;
  readonly until?: number;
  readonly userAgent?: string;
}

/**
 * Remembers in Redis or Valkey, for any number of processes. The application makes the client, connects it and listens
 * to its errors. All keys of one identity share a hash tag, so that no command spans slots of a Redis Cluster: a check
 * is one MGET, each change one script.
 */
export class RedisRevocationStore extends RevocationStore {
  readonly #redis: RedisCommands;
  readonly #keys: RedisKeys;
  readonly #cache: TrackedVerdicts | undefined;

  /** Throws JwtConfigurationError for what is no client, and for one that cannot keep the local cache right. */
  constructor(redis: RedisCommands | IoredisCommands, options: RedisRevocationStoreOptions = {}) {
    super();
    const { prefix = 'jwt:', localCache = false } = bare(options);
    this.#redis = redisCommands(redis);
    this.#keys = new RedisKeys(prefix);
    if (localCache === false) return;
    const max = localCache === true ? DEFAULT_CACHE_SIZE : localCache.max;
    this.#cache = new TrackedVerdicts(redis, max, (key) => this.#keys.groupOf(key));
  }

  check(token: TokenFacts, grace: number): Verdict | Promise<Verdict> {
    const cache = token.type === 'access' ? this.#cache : undefined;
    return cache?.recall(token) ?? this.#ask(token, grace, cache);
  }

  async #ask(token: TokenFacts, grace: number, cache: TrackedVerdicts | undefined): Promise<Verdict> {
    const keys = this.#keys.of(token.identity);
    const ask = (): Promise<TimedVerdict> => this.#look(keys, token, grace);
    return cache === undefined ? (await ask()).verdict : cache.learn(token, keys.generation, ask);
  }

  async #look(keys: IdentityKeys, token: TokenFacts, grace: number): Promise<TimedVerdict> {
    const names = [keys.generation, keys.session(token.sid ?? ''), keys.token(token.jti ?? '')];
    const isRefresh = token.type === 'refresh';
    const found: unknown = isRefresh ? await this.#run(LOOK, names, []) : await this.#redis.mGet(names);
    if (!Array.isArray(found) || found.length !== names.length + Number(isRefresh)) throw nonsense();
    const [generation, stored, revoked, now] = found as unknown[];
    if (revoked !== '1' && revoked !== null) throw nonsense();
    const session = stored === null ? undefined : parsedSession(stored);
    const known = { isRevoked: revoked === '1', session, ...parsedGeneration(generation) };
    const verdict = verdictOn(token, known, grace, Number(now));
    return { verdict, until: Math.min(token.until ?? Infinity, session?.until ?? Infinity) };
  }

  async revoke(token: TokenFacts): Promise<void> {
    if (token.jti === null) return;
    await this.#change(REVOKE, [this.#keys.of(token.identity).token(token.jti)], [at(token.until)]);
  }

  override async spend(token: TokenFacts): Promise<boolean> {
    if (token.jti === null) return false;
    const { identity, jti, until } = token;
    const spent = await this.#change(SPEND, [this.#keys.of(identity).token(jti)], [at(until)]);
    if (spent === 1 || spent === 0) return spent === 1;
    throw nonsense();
  }

  async revokeAll(identity: string): Promise<void> {
    const keys = this.#keys.of(identity);
    await this.#change(REVOKE_ALL, [keys.generation, keys.sessions, keys.started], [keys.session('')]);
  }

  async generation(identity: string): Promise<number> {
    const [generation] = await this.#redis.mGet([this.#keys.of(identity).generation]);
    return parsedGeneration(generation).generation;
  }

  async startSession(session: NewSession, max: number | false = false): Promise<number> {
    const { identity, sid, jti, until, userAgent } = session;
    const keys = this.#keys.of(identity);
    const written: Keys = [keys.session(sid), keys.sessions, keys.started, keys.generation];
    const about = JSON.stringify(sessionDetails(until, userAgent));
    const limit = max === false ? '' : String(max);
    const facts = [sid, jti, at(until), about, keys.session(''), limit];
    return parsedGeneration(await this.#change(START_SESSION, written, facts)).generation;
  }

  async rotate(token: TokenFacts, jti: string, grace: number): Promise<Verdict> {
    const keys = this.#keys.of(token.identity);
    const sid = token.sid ?? '';
    const { generation, sessions, started } = keys;
    const written: Keys = [keys.session(sid), sessions, started, generation, keys.token(token.jti ?? '')];
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
      return [{ sid: String(sids[i]), started, refreshed, ...sessionDetails(until, userAgent) }];
    });
    return found.sort((one, other) => one.started - other.started);
  }

  async endSession(identity: string, sid: string): Promise<void> {
    const keys = this.#keys.of(identity);
    await this.#change(END_SESSION, [keys.session(sid), keys.sessions, keys.started], [sid]);
  }

  /** Also when the script fails, and before the caller goes on: what is cached of the identity is dropped. */
  async #change(script: string, keys: Keys, args: string[]): Promise<unknown> {
    try {
      return await this.#run(script, keys, args);
    } finally {
      this.#cache?.changed(keys[0]);
    }
  }

  #run(script: string, keys: string[], args: string[]): Promise<unknown> {
    return this.#redis.eval(script, { keys, arguments: args });
  }
}

type Keys = [string, ...string[]];

function at(until: number | undefined): string {
  return until === undefined ? '' : String(Math.ceil(until) + CLOCK_MARGIN);
}

function parsedGeneration(stored: unknown): Pick<StoreRecords, 'generation' | 'loggedOutAt'> {
  if (stored === null) return { generation: 0, loggedOutAt: 0 };
  if (typeof stored !== 'string') throw nonsense();
  const [generation, loggedOutAt] = stored.split(':').map(Number);
  if (!Number.isInteger(generation) || !Number.isFinite(loggedOutAt)) throw nonsense();
  return { generation: Number(generation), loggedOutAt: Number(loggedOutAt) };
}

function parsedSession(stored: unknown): StoredSession {
  if (typeof stored !== 'string') throw nonsense();
  const session = bare(JSON.parse(stored) as StoredSession);
  if (!Array.isArray(session.current)) throw nonsense();
  return session;
}

function nonsense(): Error {
  return new Error('Redis returned something that the revocation store has not written');
}
