import { StoreUnavailableError } from '../errors';
import type { RevocationStore } from '../RevocationStore';

/** Calls beyond this that a store has not answered in time: it gets no more until it has answered some. */
const MOST_OVERDUE = 64;

/** A store that answers within a time limit or counts as unavailable; what it may answer later is dropped. */
export class LimitedStore {
  #overdue = 0;

  constructor(private readonly limitSeconds: number) {}

  /** Throws StoreUnavailableError, with the cause, where the store throws, is too slow or not to be had. */
  async ask<Answer>(
    store: () => RevocationStore,
    question: (store: RevocationStore) => Promise<Answer>,
  ): Promise<Answer> {
    // A client that has lost its server queues what it is asked. This bounds the queue, and answers at once.
    if (this.#overdue >= MOST_OVERDUE)
      throw new StoreUnavailableError(new Error('The revocation store is overdue'));
    let timer: NodeJS.Timeout | undefined;
    const limit = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        reject(new Error(`The revocation store took longer than ${this.limitSeconds} s`));
      }, this.limitSeconds * 1000);
    });
    let isOverdue = false;
    try {
      const answer = question(store());
      const settled = (): void => {
        if (isOverdue) this.#overdue--;
      };
      answer.then(settled, settled);
      return await Promise.race([
        answer,
        limit.catch((error: unknown) => {
          isOverdue = true;
          this.#overdue++;
          throw error;
        }),
      ]);
    } catch (cause) {
      throw new StoreUnavailableError(cause);
    } finally {
      clearTimeout(timer);
    }
  }
}
