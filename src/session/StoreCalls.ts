import { getFromContainer } from 'routing-controllers';
import type { AbstractConstructor } from '../config/Constructor';
import { JwtConfigurationError, StoreUnavailableError } from '../errors';
import type { RevocationStore, StoreMethod } from '../store/RevocationStore';

type Result<Method extends StoreMethod> = Awaited<ReturnType<RevocationStore[Method]>>;

/** While so many calls are overdue, the store gets no more. */
const MAX_OVERDUE = 64;

/** After so many time limits one call goes through even then, because the responses may be lost for good. */
const LIMITS_UNTIL_PROBE = 10;

/** Calls a revocation store. It must respond in time, and with what its types promise. Late responses are dropped. */
export class StoreCalls {
  readonly #overdue = new Set<object>();
  #probeAt = 0;

  constructor(
    private readonly store: RevocationStore | AbstractConstructor<RevocationStore>,
    private readonly limitSeconds: number,
  ) {}

  /** Throws StoreUnavailableError, with the cause, when the store throws, is too slow, or returns something else. */
  async call<Method extends StoreMethod>(
    method: Method,
    ...args: Parameters<RevocationStore[Method]>
  ): Promise<Result<Method>> {
    const { store } = this;
    try {
      this.#assertNotOverdue();
      const called: RevocationStore = typeof store === 'function' ? getFromContainer(store) : store;
      assertMethod(called, method);
      const response: unknown = Reflect.apply(called[method], called, args);
      // A response that is there already needs no timer.
      const result = isThenable(response) ? await this.#inTime(response) : response;
      assertResult(method, result);
      return result as Result<Method>;
    } catch (cause) {
      throw new StoreUnavailableError(cause);
    }
  }

  async #inTime(response: PromiseLike<unknown>): Promise<unknown> {
    let timer: NodeJS.Timeout | undefined;
    const call = {};
    const limit = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        this.#overdue.add(call);
        this.#postponeProbe();
        reject(new Error(`The revocation store took longer than ${this.limitSeconds} s`));
      }, this.limitSeconds * 1000);
    });
    const settled = (): void => void this.#overdue.delete(call);
    response.then(settled, settled);
    try {
      const result = await Promise.race([response, limit]);
      this.#overdue.clear();
      return result;
    } finally {
      clearTimeout(timer);
    }
  }

  /** A client that has lost its server queues its calls. This bounds the queue, and responds at once. */
  #assertNotOverdue(): void {
    if (this.#overdue.size < MAX_OVERDUE) return;
    if (performance.now() < this.#probeAt) throw new Error('The revocation store is overdue');
    this.#postponeProbe();
  }

  #postponeProbe(): void {
    this.#probeAt = performance.now() + LIMITS_UNTIL_PROBE * this.limitSeconds * 1000;
  }
}

/** By its method, because an application may have replaced the global Promise. */
function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as Partial<PromiseLike<unknown>> | undefined | null)?.then === 'function';
}

/** A store of another copy of this package may be older. */
function assertMethod(store: RevocationStore, method: StoreMethod): void {
  if (typeof (store[method] as unknown) === 'function') return;
  throw new JwtConfigurationError(`The revocation store has no method ${method}`);
}

/** Types do not bind a store at run time: any other result counts as none. */
function assertResult(method: StoreMethod, result: unknown): void {
  if (method === 'check' || method === 'rotate') {
    if ((['valid', 'revoked', 'reused'] as unknown[]).includes(result)) return;
    throw new TypeError("The revocation store's verdict must be 'valid', 'revoked' or 'reused'");
  }
  if (method === 'spend' && typeof result !== 'boolean') {
    throw new TypeError('The revocation store must say whether it has spent a token: true or false');
  }
  if (method === 'generation' || method === 'startSession') {
    if (Number.isSafeInteger(result) && Number(result) >= 0) return;
    throw new TypeError("The revocation store's generation must be 0 or a positive whole number");
  }
}
