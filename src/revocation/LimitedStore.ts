import { isPromise } from '../config/isPromise';
import { StoreUnavailableError } from '../errors';
import type { RevocationStore } from '../RevocationStore';

/** Calls beyond this that a store has not answered in time: it gets no more until it has answered some. */
const MOST_OVERDUE = 64;

/** After so many time limits one call is let through all the same, for the answers may have been lost for good. */
const LIMITS_UNTIL_PROBE = 10;

/** A store that answers within a time limit or counts as unavailable; what it may answer later is dropped. */
export class LimitedStore {
  readonly #overdue = new Set<object>();
  #probeAt = 0;

  constructor(private readonly limitSeconds: number) {}

  /**
   * `sound` returns an answer, or throws where it is none. Throws StoreUnavailableError, with the cause, where the
   * store or `sound` throws, or the store is too slow or not to be had.
   */
  async ask<Answer>(
    store: () => RevocationStore,
    question: (store: RevocationStore) => Answer | Promise<Answer>,
    sound: (answer: Answer) => Answer,
  ): Promise<Answer> {
    try {
      this.#assertNotOverdue();
      const pending = question(store());
      if (!isPromise(pending)) return sound(pending);
      const answer = sound(await this.#inTime(pending));
      this.#overdue.clear();
      return answer;
    } catch (cause) {
      throw new StoreUnavailableError(cause);
    }
  }

  async #inTime<Answer>(pending: Promise<Answer>): Promise<Answer> {
    let timer: NodeJS.Timeout | undefined;
    const limit = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        reject(new Error(`The revocation store took longer than ${this.limitSeconds} s`));
      }, this.limitSeconds * 1000);
    });
    const call = {};
    const settled = (): void => void this.#overdue.delete(call);
    pending.then(settled, settled);
    try {
      return await Promise.race([
        pending,
        limit.catch((error: unknown) => {
          this.#overdue.add(call);
          this.#postponeProbe();
          throw error;
        }),
      ]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** A client that has lost its server queues what it is asked. This bounds the queue, and answers at once. */
  #assertNotOverdue(): void {
    if (this.#overdue.size < MOST_OVERDUE) return;
    if (performance.now() < this.#probeAt) throw new Error('The revocation store is overdue');
    this.#postponeProbe();
  }

  #postponeProbe(): void {
    this.#probeAt = performance.now() + LIMITS_UNTIL_PROBE * this.limitSeconds * 1000;
  }
}
