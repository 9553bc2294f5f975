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

  /** Throws StoreUnavailableError, with the cause, where the store throws, is too slow or not to be had. */
  async ask<Answer>(
    store: () => RevocationStore,
    question: (store: RevocationStore) => Promise<Answer>,
  ): Promise<Answer> {
    // A client that has lost its server queues what it is asked. This bounds the queue, and answers at once.
    if (this.#overdue.size >= MOST_OVERDUE) {
      if (performance.now() < this.#probeAt)
        throw new StoreUnavailableError(new Error('The revocation store is overdue'));
      this.#postponeProbe();
    }
    let timer: NodeJS.Timeout | undefined;
    const limit = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        reject(new Error(`The revocation store took longer than ${this.limitSeconds} s`));
      }, this.limitSeconds * 1000);
    });
    const call = {};
    try {
      const pending = question(store());
      const settled = (): void => void this.#overdue.delete(call);
      pending.then(settled, settled);
      const answer = await Promise.race([
        pending,
        limit.catch((error: unknown) => {
          this.#overdue.add(call);
          this.#postponeProbe();
          throw error;
        }),
      ]);
      this.#overdue.clear();
      return answer;
    } catch (cause) {
      throw new StoreUnavailableError(cause);
    } finally {
      clearTimeout(timer);
    }
  }

  #postponeProbe(): void {
    this.#probeAt = performance.now() + LIMITS_UNTIL_PROBE * this.limitSeconds * 1000;
  }
}
