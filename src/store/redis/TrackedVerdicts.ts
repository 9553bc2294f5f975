import { JwtConfigurationError } from '../../errors';
import type { TokenFacts, Verdict } from '../RevocationStore';
import { TrackedConnection } from './TrackedConnection';
import { VerdictCache } from './VerdictCache';

/** The verdict of Redis on a token, and when it ends by itself, in seconds since 1970. */
export interface TimedVerdict {
  readonly verdict: Verdict;
  readonly until: number;
}

/** Caches the verdicts of Redis on access tokens, as long as Redis is there to report changes. */
export class TrackedVerdicts {
  readonly #cache: VerdictCache;
  readonly #connection: TrackedConnection;

  /**
   * `groupOf` names the group of a key: a change of the key invalidates all verdicts of the group. Throws
   * JwtConfigurationError when the client does not receive changes.
   */
  constructor(
    client: object,
    max: number,
    private readonly groupOf: (key: string) => string,
  ) {
    if (!Number.isInteger(max) || max < 1) {
      throw new JwtConfigurationError('localCache.max must be a whole number from 1');
    }
    this.#cache = new VerdictCache(max);
    this.#connection = new TrackedConnection(client, {
      changed: (key) => {
        this.changed(key);
      },
      confirmed: () => {
        this.#cache.sweep();
      },
    });
  }

  /** The cached verdict. */
  recall(token: TokenFacts): Verdict | undefined {
    return this.#connection.isTrusted ? this.#cache.get(token) : undefined;
  }

  /** Asks Redis, and caches the verdict unless `key` or another key of its group has changed meanwhile. */
  async learn(token: TokenFacts, key: string, ask: () => Promise<TimedVerdict>): Promise<Verdict> {
    this.#connection.assertTracking();
    const group = this.#cache.group(this.groupOf(key));
    try {
      const { verdict, until } = await ask();
      this.#cache.keep(token, verdict, group, until);
      return verdict;
    } finally {
      this.#cache.release(group);
    }
  }

  /** `null`: there may be changes that were not reported. */
  changed(key: string | null): void {
    if (key === null) this.#cache.clear();
    else this.#cache.drop(this.groupOf(key));
  }
}
