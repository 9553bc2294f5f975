import { getFromContainer } from 'routing-controllers';
import type { AbstractConstructor } from '../config/Constructor';
import { JwtConfigurationError, StoreUnavailableError } from '../errors';
import { jwtEvents } from '../events/jwtEvents';
import { reasonOf } from '../events/withoutSecrets';
import type { RevocationStore, StoreMethod } from '../store/RevocationStore';
import { isThenable } from './isThenable';

type Result<Method extends StoreMethod> = Awaited<ReturnType<RevocationStore[Method]>>;

/** While so many calls are overdue, the store gets no more. */
const MAX_OVERDUE = 64;

/** After so many time limits one call goes through even then, because the responses may be lost for good. */
const LIMITS_UNTIL_PROBE = 10;

/** Calls a revocation store. It must respond in time, and with what its types promise. Late responses are dropped. */
export class StoreCalls {
  readonly #overdue = new Set<object>();
  #probeAt = 0;
  #isAvailable = true;

  constructor(
    private readonly store: RevocationStore | AbstractConstructor<RevocationStore>,
    private readonly limitSeconds: number,
  ) {}

  /**
   * Throws StoreUnavailableError, with the cause, when the store throws, is too slow, or returns something else. A response
   * that is there already needs no timer and no promise.
   */
  call<Method extends StoreMethod>(
    method: Method,
    ...args: Parameters<RevocationStore[Method]>
  ): Result<Method> | Promise<Result<Method>> {
    const { store } = this;
    let response: unknown;
    try {
      this.#assertNotOverdue();
      const called: RevocationStore = typeof store === 'function' ? getFromContainer(store) : store;
      assertMethod(called, method);
      response = Reflect.apply(called[method], called, args);
      if (!isThenable(response)) return this.#accepted(method, response);
    } catch (cause) {
      this.#fail(cause);
    }
    return this.#awaited(method, response);
  }

  async #awaited<Method extends StoreMethod>(
    method: Method,
    response: PromiseLike<unknown>,
  ): Promise<Result<Method>> {
    try {
      return this.#accepted(method, await this.#inTime(response));
    } catch (cause) {
      this.#fail(cause);
    }
  }

  #accepted<Method extends StoreMethod>(method: Method, result: unknown): Result<Method> {
    assertResult(method, result);
    if (!this.#isAvailable) this.#turn();
    return result as Result<Method>;
  }

  #fail(cause: unknown): never {
    if (this.#isAvailable) this.#turn(cause);
    throw new StoreUnavailableError(cause);
  }

  /** The store fails after a success, for this reason, or is back. */
  #turn(cause?: unknown): void {
    this.#isAvailable = !this.#isAvailable;
    const { store } = jwtEvents;
    if (!store.hasSubscribers) return;
    store.publish(
      this.#isAvailable ? { isAvailable: true } : { isAvailable: false, reason: reasonOf(cause) },
    );
  }

  async #inTime(response: PromiseLike<unknown>): Promise<unknown> {
    const call = { isSettled: false };
    const settled = (): void => {
      call.isSettled = true;
      this.#overdue.delete(call);
    };
    response.then(settled, settled);
    // A store in memory has responded by then, and a timer takes longer than it did.
    await Promise.resolve();
    const result = await (call.isSettled ? response : this.#limited(response, call));
    this.#overdue.clear();
    return result;
  }

  async #limited(response: PromiseLike<unknown>, call: object): Promise<unknown> {
    let timer: NodeJS.Timeout | undefined;
    const limit = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        this.#overdue.add(call);
        this.#postponeProbe();
        reject(new Error(`The revocation store took longer than ${this.limitSeconds} s`));
      }, this.limitSeconds * 1000);
    });
    try {
      return await Promise.race([response, limit]);
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
