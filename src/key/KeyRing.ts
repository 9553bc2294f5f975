import type { JsonWebKey, KeyObject } from 'node:crypto';
import type { Algorithm } from '../config/algorithms';
import type { JwtKey } from '../config/OptionTable';
import { JwtConfigurationError } from '../errors';
import type { JwtConfig } from '../JwtConfig';
import type { SigningKey } from '../token/SigningKey';
import { keyPairOf } from './keyObjects';
import { thumbprint } from './thumbprint';

interface RingKey {
  readonly kid: string | undefined;
  readonly algorithm: Algorithm;
  /** Those it verifies: `algorithm` alone, but where `decodeAlgorithms` holds more. */
  readonly algorithms: readonly Algorithm[];
  readonly signing: KeyObject | undefined;
  readonly verification: KeyObject;
}

/** A public key as others fetch it (RFC 7517 §4). */
export interface PublicJwk extends JsonWebKey {
  readonly kid: string;
  readonly use: 'sig';
  readonly alg?: Algorithm;
}

/**
 * The configured keys: the first signs, each verifies the tokens that name it, with the algorithm it was given and
 * no other. None is ever tried on a token that names another (RFC 8725 §3.1, §3.10).
 */
export class KeyRing {
  readonly algorithms: readonly Algorithm[];
  readonly signing: SigningKey | undefined;
  readonly #keys: readonly RingKey[];
  readonly #byKid: ReadonlyMap<string | undefined, RingKey>;
  /** The one key of a configuration that names none, so that a token can name it as it likes. */
  readonly #nameless: RingKey | undefined;

  /** Throws JwtConfigurationError for keys that do not fit, and for names that are not unique. */
  constructor(config: JwtConfig) {
    this.#keys = config.keys === undefined ? singleKey(config) : ring(config.keys, config.algorithm);
    const [first] = this.#keys;
    this.#nameless = config.keys === undefined && first?.kid === undefined ? first : undefined;
    this.#byKid = new Map(this.#keys.map((key) => [key.kid, key]));
    this.algorithms = [...new Set(this.#keys.flatMap((key) => key.algorithms))];
    if (first?.signing !== undefined) {
      this.signing = { key: first.signing, algorithm: first.algorithm, kid: first.kid };
    }
  }

  get isEmpty(): boolean {
    return this.#keys.length === 0;
  }

  /** The key that a token names, if it is for the token's algorithm; of a single key, also where it names none. */
  verification(kid: string | undefined, algorithm: Algorithm): KeyObject | undefined {
    const key = this.#nameless ?? this.#byKid.get(kid) ?? (kid === undefined ? this.#only : undefined);
    return key?.algorithms.includes(algorithm) === true ? key.verification : undefined;
  }

  /** The public keys of the ring. Secrets have no public part, and so no place here. */
  publicJwks(): PublicJwk[] {
    return this.#keys
      .filter(({ verification }) => verification.type === 'public')
      .map(({ kid, algorithm, algorithms, verification }) => ({
        ...verification.export({ format: 'jwk' }),
        kid: kid ?? thumbprint(verification),
        use: 'sig',
        ...(algorithms.length === 1 && { alg: algorithm }),
      }));
  }

  get #only(): RingKey | undefined {
    const [first] = this.#keys;
    return this.#keys.length === 1 ? first : undefined;
  }
}

/** That of `secretKey`, `privateKey` and `publicKey`. One that signs with a private key says with which. */
function singleKey(config: JwtConfig): RingKey[] {
  const { algorithm, decodeAlgorithms: algorithms } = config;
  const { signing, verification } = keyPairOf(config, algorithm, algorithms, (name) => `Option ${name}`);
  if (verification === undefined) return [];
  const kid = signing?.type === 'private' ? thumbprint(verification) : undefined;
  return [{ kid, algorithm, algorithms, signing, verification }];
}

function ring(entries: readonly JwtKey[], fallback: Algorithm): RingKey[] {
  const keys = entries.map((entry, i) => ringKey(entry, fallback, `Option keys[${i}]`));
  const kids = keys.map(({ kid }) => kid);
  const twice = kids.findIndex((kid, i) => kids.indexOf(kid) !== i);
  if (twice !== -1) {
    throw new JwtConfigurationError(
      `Option keys[${twice}] ${kids[twice] === undefined ? 'needs a kid: only one secret may go without' : `has the kid of another key, ${kids[twice]}`}`,
    );
  }
  const [first, ...others] = keys;
  if (first?.signing === undefined && others.some(({ signing }) => signing !== undefined)) {
    throw new JwtConfigurationError(
      'Option keys[0] is the key that signs, so it needs a privateKey: put the one that has it first',
    );
  }
  return keys;
}

function ringKey(entry: JwtKey, fallback: Algorithm, name: string): RingKey {
  const { algorithm = fallback } = entry;
  const pair = keyPairOf(entry, algorithm, [algorithm], (member) => `${name}.${member}`);
  const { signing, verification } = pair;
  if (verification === undefined) {
    throw new JwtConfigurationError(
      `${name} has no key for ${algorithm}: give secretKey, or privateKey or publicKey`,
    );
  }
  const kid = entry.kid ?? (verification.type === 'public' ? thumbprint(verification) : undefined);
  return { kid, algorithm, algorithms: [algorithm], signing, verification };
}
