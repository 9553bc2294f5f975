import type { KeyObject } from 'node:crypto';
import type { Algorithm } from '../../config/algorithms';
import type { JwtIssuer } from '../../config/JwtIssuer';
import { KeysUnavailableError } from '../../errors';
import { jwtEvents, type StoreMessage } from '../../events/jwtEvents';
import { reasonOf } from '../../events/withoutSecrets';
import { misfitOf } from '../keyObjects';
import { fetchJwks } from './fetchJwks';

interface RemoteKey {
  readonly kid: string | undefined;
  readonly algorithms: readonly Algorithm[];
  readonly key: KeyObject;
}

/** For how many seconds the last keys are used while their issuer does not respond. */
const MAX_STALE = 86_400;

/** Seconds until an issuer that failed is asked again, unless the cooldown or half of maxAge is shorter. */
const RETRY_AFTER_FAILURE = 5;

/**
 * The keys of another issuer. The whole set is fetched when it is needed: at first, when it is old, and for a `kid`
 * that it does not have. However many tokens ask, there is one fetch at a time. A set in which a `kid` was looked for
 * in vain answers for every unknown `kid` until the cooldown is over; anyone can make up such names.
 *
 * A key that its issuer has withdrawn verifies nothing once maxAge has passed, however long nobody asked, unless the
 * issuer does not respond.
 */
export class RemoteKeys {
  readonly #issuer: JwtIssuer;
  readonly #algorithms: readonly Algorithm[];
  readonly #maxAge: number;
  readonly #cooldown: number;
  readonly #timeout: number;
  #keys: readonly RemoteKey[] = [];
  #fetchedAt = -Infinity;
  #triedAt = -Infinity;
  /** A `kid` was looked for in the fetched set, and was not in it. */
  #isLacking = false;
  #failure: Error | undefined;
  #fetching: Promise<void> | undefined;

  constructor(issuer: JwtIssuer, algorithms: readonly Algorithm[]) {
    this.#issuer = issuer;
    this.#algorithms = algorithms;
    this.#maxAge = issuer.jwksMaxAge ?? 600;
    // Old keys are fetched again in any case, however long unknown kids must wait.
    this.#cooldown = Math.min(issuer.jwksCooldown ?? 30, this.#maxAge);
    this.#timeout = issuer.jwksTimeout ?? 5;
  }

  /** Undefined when the issuer has no such key. Throws KeysUnavailableError when it must be asked and does not respond. */
  find(
    kid: string | undefined,
    algorithm: Algorithm,
  ): KeyObject | undefined | Promise<KeyObject | undefined> {
    const known = this.#known(kid, algorithm);
    const age = seconds() - this.#fetchedAt;
    if (known !== undefined && age <= this.#maxAge) return known;
    // An issuer that failed a while ago may be back, and may have withdrawn the key.
    const isAway = this.#failure !== undefined && seconds() - this.#triedAt <= this.#maxAge;
    if (known === undefined || !isAway || age > MAX_STALE) return this.#fetched(kid, algorithm);
    // Requests do not wait again and again for an issuer that does not respond.
    this.#refresh().catch(() => undefined);
    return known;
  }

  async #fetched(kid: string | undefined, algorithm: Algorithm): Promise<KeyObject | undefined> {
    try {
      await this.#refresh();
    } catch (cause) {
      const isKept = seconds() - this.#fetchedAt <= MAX_STALE;
      const known = isKept ? this.#known(kid, algorithm) : undefined;
      if (known === undefined) throw new KeysUnavailableError(cause);
      return known;
    }
    const known = this.#known(kid, algorithm);
    if (known === undefined) this.#isLacking = true;
    return known;
  }

  #known(kid: string | undefined, algorithm: Algorithm): KeyObject | undefined {
    const fitting = this.#keys.filter(({ algorithms }) => algorithms.includes(algorithm));
    // RFC 7515 §4.1.4 allows tokens without a kid. Then there must be a single key.
    if (kid === undefined) return fitting.length === 1 ? fitting[0]?.key : undefined;
    return fitting.find((key) => key.kid === kid)?.key;
  }

  /** Fetches the keys, unless it must wait. Rejects with the reason when the last fetch failed. */
  #refresh(): Promise<void> {
    if (this.#fetching !== undefined) return this.#fetching;
    const failure = this.#failure;
    const waited = seconds() - this.#triedAt;
    if (failure !== undefined && waited < Math.min(this.#cooldown, RETRY_AFTER_FAILURE, this.#maxAge / 2))
      return Promise.reject(failure);
    if (failure === undefined && this.#isLacking && waited < this.#cooldown) return Promise.resolve();
    this.#fetching = this.#fetch().finally(() => {
      this.#triedAt = seconds();
      this.#fetching = undefined;
    });
    return this.#fetching;
  }

  async #fetch(): Promise<void> {
    try {
      this.#keys = await this.#published();
      this.#fetchedAt = seconds();
      if (this.#failure !== undefined) this.#publish({ isAvailable: true });
      this.#isLacking = false;
      this.#failure = undefined;
    } catch (cause) {
      const failure = new Error(`The keys of ${this.#issuer.issuer} cannot be fetched`, { cause });
      // Once, and not at each attempt: the log needs to say that the issuer fails, not how often it was asked.
      if (this.#failure === undefined) {
        process.emitWarning(failure);
        this.#publish({ isAvailable: false, reason: reasonOf(cause) });
      }
      this.#failure = failure;
      throw failure;
    }
  }

  #publish(message: StoreMessage): void {
    if (jwtEvents.issuer.hasSubscribers)
      jwtEvents.issuer.publish({ issuer: this.#issuer.issuer, ...message });
  }

  async #published(): Promise<readonly RemoteKey[]> {
    // One time limit for everything that is fetched.
    const signal = AbortSignal.timeout(Math.ceil(this.#timeout * 1000));
    const keys = await fetchJwks(this.#issuer, signal);
    return keys.flatMap(({ kid, alg, key }) => {
      const algorithms = this.#algorithms.filter(
        (algorithm) => (alg === undefined || alg === algorithm) && misfitOf(key, algorithm) === undefined,
      );
      return algorithms.length === 0 ? [] : [{ kid, algorithms, key }];
    });
  }
}

function seconds(): number {
  return performance.now() / 1000;
}
