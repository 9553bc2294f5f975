import { JwtConfigurationError } from '../errors';
import type { TokenFacts, Verdict } from '../RevocationStore';
import { LocalAnswers } from './LocalAnswers';
import { TrackedConnection } from './TrackedConnection';

/** What Redis says of a token, and until when it says so by itself, in seconds since 1970. */
export interface TimedVerdict {
  readonly verdict: Verdict;
  readonly until: number;
}

/** What Redis has said of access tokens, kept here as long as it is there to tell of changes. */
export class TrackedAnswers {
  readonly #answers: LocalAnswers;
  readonly #connection: TrackedConnection;

  /**
   * `groupOf` names what a key belongs to: its change voids all answers of that. Throws JwtConfigurationError where
   * the client is not told of changes.
   */
  constructor(
    client: object,
    max: number,
    private readonly groupOf: (key: string) => string,
  ) {
    if (!Number.isInteger(max) || max < 1) {
      throw new JwtConfigurationError('localAnswers.max must be a whole number from 1');
    }
    this.#answers = new LocalAnswers(max);
    this.#connection = new TrackedConnection(client, {
      changed: (key) => {
        this.changed(key);
      },
      confirmed: () => {
        this.#answers.sweep();
      },
    });
  }

  /** What is known here and now. */
  recall(token: TokenFacts): Verdict | undefined {
    return this.#connection.isTrusted ? this.#answers.get(token) : undefined;
  }

  /** Asks, and keeps the answer unless `key` or one of its group has changed meanwhile. */
  async learn(token: TokenFacts, key: string, ask: () => Promise<TimedVerdict>): Promise<Verdict> {
    this.#connection.assertTracking();
    const group = this.#answers.group(this.groupOf(key));
    try {
      const { verdict, until } = await ask();
      this.#answers.keep(token, verdict, group, until);
      return verdict;
    } finally {
      this.#answers.release(group);
    }
  }

  /** `null`: there may be changes that nobody told of. */
  changed(key: string | null): void {
    if (key === null) this.#answers.clear();
    else this.#answers.drop(this.groupOf(key));
  }
}
