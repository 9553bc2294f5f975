import { createPublicKey, type KeyObject } from 'node:crypto';
import type { Algorithm } from '../config/algorithms';
import type { JwtIssuer } from '../config/OptionTable';
import { KeysUnavailableError } from '../errors';
import { discoverJwksUri } from './discoverJwksUri';
import { fetchJson } from './fetchJson';
import { misfitOf } from './keyObjects';

interface RemoteKey {
  readonly kid: string | undefined;
  readonly algorithms: readonly Algorithm[];
  readonly key: KeyObject;
}

/** Seconds for which the last keys are good while their issuer cannot be reached. */
const KEPT_WITHOUT_ISSUER = 86_400;

/** Seconds until an issuer that did not answer is asked again, unless the cooldown is shorter. */
const RETRY_AFTER_FAILURE = 5;

/**
 * The keys of another issuer, the whole set of them, fetched when they are needed: at first, when they are old, and
 * for a `kid` that is not among them. However many tokens ask, one fetch is under way, and the next one has to wait
 * for the cooldown: a set that was fetched just now is the answer to every unknown `kid`.
 */
// jwks-rsa reads the set and makes keys of it. Its own cache and rate limit are left off, for they work by `kid`: made
// up ones use up the limit, and then known keys are refused too, once their time in its cache is over.
export class RemoteKeys {
  readonly #issuer: JwtIssuer;
  readonly #algorithms: readonly Algorithm[];
  readonly #maxAge: number;
  readonly #cooldown: number;
  readonly #timeout: number;
  #keys: readonly RemoteKey[] = [];
  #fetchedAt = -Infinity;
  #triedAt = -Infinity;
  #failure: Error | undefined;
  #fetching: Promise<void> | undefined;

  constructor(issuer: JwtIssuer, algorithms: readonly Algorithm[]) {
    this.#issuer = issuer;
    this.#algorithms = algorithms;
    this.#maxAge = issuer.jwksMaxAge ?? 600;
    this.#cooldown = issuer.jwksCooldown ?? 30;
    this.#timeout = issuer.jwksTimeout ?? 5;
  }

  /** Undefined where the issuer has no such key. Throws KeysUnavailableError where it has to be asked and is away. */
  find(
    kid: string | undefined,
    algorithm: Algorithm,
  ): KeyObject | undefined | Promise<KeyObject | undefined> {
    const known = this.#known(kid, algorithm);
    const age = seconds() - this.#fetchedAt;
    if (known !== undefined && age <= this.#maxAge) return known;
    // Nobody waits for keys that are a little old, nor for an issuer that was away a moment ago.
    const mayUse = age <= 2 * this.#maxAge || (this.#failure !== undefined && age <= KEPT_WITHOUT_ISSUER);
    if (known === undefined || !mayUse) return this.#fetched(kid, algorithm);
    this.#refresh().catch(() => undefined);
    return known;
  }

  async #fetched(kid: string | undefined, algorithm: Algorithm): Promise<KeyObject | undefined> {
    try {
      await this.#refresh();
    } catch (cause) {
      const isKept = seconds() - this.#fetchedAt <= KEPT_WITHOUT_ISSUER;
      const known = isKept ? this.#known(kid, algorithm) : undefined;
      if (known === undefined) throw new KeysUnavailableError(cause);
      return known;
    }
    return this.#known(kid, algorithm);
  }

  #known(kid: string | undefined, algorithm: Algorithm): KeyObject | undefined {
    const fitting = this.#keys.filter(({ algorithms }) => algorithms.includes(algorithm));
    // RFC 7515 §4.1.4 lets tokens go without a kid; then there must be nothing to choose from.
    if (kid === undefined) return fitting.length === 1 ? fitting[0]?.key : undefined;
    return fitting.find((key) => key.kid === kid)?.key;
  }

  /** Fetches the keys, unless that was done just now. Rejects with why it failed. */
  #refresh(): Promise<void> {
    if (this.#fetching !== undefined) return this.#fetching;
    const failure = this.#failure;
    const pause = failure === undefined ? this.#cooldown : Math.min(this.#cooldown, RETRY_AFTER_FAILURE);
    if (seconds() - this.#triedAt < pause)
      return failure === undefined ? Promise.resolve() : Promise.reject(failure);
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
      this.#failure = undefined;
    } catch (cause) {
      const failure = new Error(`The keys of ${this.#issuer.issuer} cannot be fetched`, { cause });
      // Once, and not at each attempt: a log is to say that the issuer is away, not how often it was asked.
      if (this.#failure === undefined) process.emitWarning(failure);
      this.#failure = failure;
      throw failure;
    }
  }

  async #published(): Promise<readonly RemoteKey[]> {
    const { issuer, jwksUri } = this.#issuer;
    // Loaded by those alone who have other issuers.
    const { default: jwksClient } = await import('jwks-rsa');
    const client = jwksClient({
      jwksUri: jwksUri ?? (await discoverJwksUri(issuer, this.#timeout)),
      cache: false,
      fetcher: async (url) => ({ keys: verificationKeys(await fetchJson(url, this.#timeout)) }),
    });
    return (await client.getSigningKeys()).flatMap((signingKey) => this.#accepted(signingKey));
  }

  /** A key for those accepted algorithms that it fits, and of those for its own alone, if it has one (RFC 7517 §4.4). */
  #accepted({ kid, alg, getPublicKey }: { kid?: string; alg?: string; getPublicKey(): string }): RemoteKey[] {
    const key = createPublicKey(getPublicKey());
    const algorithms = this.#algorithms.filter(
      (algorithm) => (alg === undefined || alg === algorithm) && misfitOf(key, algorithm) === undefined,
    );
    return algorithms.length === 0 ? [] : [{ kid, algorithms, key }];
  }
}

/** Without keys for other operations (RFC 7517 §4.3), which jwks-rsa would take. */
function verificationKeys(set: unknown): unknown[] {
  const { keys } = set as { keys?: unknown };
  if (!Array.isArray(keys)) throw new Error('What was fetched is no JWK Set');
  return (keys as ({ key_ops?: unknown } | null)[]).filter(
    (key) => key !== null && (!Array.isArray(key.key_ops) || key.key_ops.includes('verify')),
  );
}

function seconds(): number {
  return performance.now() / 1000;
}
