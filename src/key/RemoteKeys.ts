import { createPublicKey, type KeyObject } from 'node:crypto';
import type { Algorithm } from '../config/algorithms';
import { isPlainObject } from '../config/isPlainObject';
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

/** Seconds until an issuer that did not answer is asked again, unless the cooldown or half of maxAge is shorter. */
const RETRY_AFTER_FAILURE = 5;

/**
 * The keys of another issuer, the whole set of them, fetched when they are needed: at first, when they are old, and
 * for a `kid` that is not among them. However many tokens ask, one fetch is under way, and the next one has to wait
 * for the cooldown: a set that was fetched just now is the answer to every unknown `kid`.
 *
 * A key that its issuer has withdrawn verifies nothing once maxAge has passed, however idle it was meanwhile, unless
 * the issuer could not be asked.
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
    // What is old is fetched anew, however long unknown kids have to wait.
    this.#cooldown = Math.min(issuer.jwksCooldown ?? 30, this.#maxAge);
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
    // One that was away a while ago may have come back, and withdrawn the key.
    const isAway = this.#failure !== undefined && seconds() - this.#triedAt <= this.#maxAge;
    if (known === undefined || !isAway || age > KEPT_WITHOUT_ISSUER) return this.#fetched(kid, algorithm);
    // Nobody waits again and again for an issuer that does not answer.
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
    const pause =
      failure === undefined
        ? this.#cooldown
        : Math.min(this.#cooldown, RETRY_AFTER_FAILURE, this.#maxAge / 2);
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
    // One limit for all there is to fetch.
    const signal = AbortSignal.timeout(Math.ceil(this.#timeout * 1000));
    const uri = jwksUri ?? (await discoverJwksUri(issuer, signal));
    const keys = verificationKeys(await fetchJson(uri, signal));
    // Loaded by those alone who have other issuers.
    const { default: jwksClient } = await import('jwks-rsa');
    const client = jwksClient({ jwksUri: uri, cache: false, fetcher: () => Promise.resolve({ keys }) });
    try {
      return (await client.getSigningKeys()).flatMap((signingKey) => this.#accepted(signingKey));
    } catch (error) {
      // There is none among them. That is an answer too: those there were have been withdrawn.
      if (error instanceof jwksClient.JwksError) return [];
      throw error;
    }
  }

  /** A key for those accepted algorithms that it fits, and of those for its own alone, if it has one (RFC 7517 §4.4). */
  #accepted(signingKey: { kid?: string; alg?: string; getPublicKey(): string }): RemoteKey[] {
    const { kid, alg } = signingKey;
    const key = createPublicKey(signingKey.getPublicKey());
    const algorithms = this.#algorithms.filter(
      (algorithm) => (alg === undefined || alg === algorithm) && misfitOf(key, algorithm) === undefined,
    );
    return algorithms.length === 0 ? [] : [{ kid, algorithms, key }];
  }
}

/**
 * Without keys for other operations (RFC 7517 §4.3), which jwks-rsa would take. Of the others it would refuse those
 * that may also sign, so it is not told.
 */
function verificationKeys(set: unknown): unknown[] {
  const keys: unknown = isPlainObject(set) ? (set as { keys?: unknown }).keys : undefined;
  if (!Array.isArray(keys)) throw new Error('What was fetched is no JWK Set');
  return keys
    .filter(isPlainObject)
    .flatMap(({ key_ops: operations, ...key }: { key_ops?: unknown }) =>
      operations === undefined || (Array.isArray(operations) && operations.includes('verify')) ? [key] : [],
    );
}

function seconds(): number {
  return performance.now() / 1000;
}
