import type { JsonWebKey, KeyObject } from 'node:crypto';
import { TOKEN_TYPES } from '../claims';
import type { Algorithm } from '../config/algorithms';
import type { JwtConfig } from '../config/JwtConfig';
import { InvalidTokenError, JwtConfigurationError } from '../errors';
import type { Loaders } from '../loader/Loaders';
import type { UnverifiedToken } from '../token/CompactToken';
import type { SigningKey } from '../token/SigningKey';
import type { ClaimRules, Trust } from '../token/Trust';
import { KeyCache } from './KeyCache';
import { misfitOf, toLoadedKey, toSigningKey } from './keyObjects';
import { ringKeys, type RingKey } from './ringKeys';
import { thumbprint } from './thumbprint';

/** A public key as others fetch it (RFC 7517 §4). */
export interface PublicJwk extends JsonWebKey {
  readonly kid: string;
  readonly use: 'sig';
  readonly alg?: Algorithm;
}

/**
 * The keys of this application: the ring, or what loaders return. Of the ring the first key signs, and
 * each verifies the tokens that name it, with its own algorithm. No key is ever tried on a token that names another
 * (RFC 8725 §3.1, §3.10).
 */
export class OwnKeys {
  readonly #ring: readonly RingKey[];
  readonly #byKid: ReadonlyMap<string | undefined, RingKey>;
  /** The key for tokens without a `kid`. */
  readonly #kidless: RingKey | undefined;
  /** The only key of a configuration that names none. Tokens may name it in any way. */
  readonly #nameless: RingKey | undefined;
  readonly #signingKey: SigningKey | undefined;
  readonly #ringTrust: Trust;
  readonly #loaderTrust: Trust;
  readonly #loadedSigningKeys: KeyCache;
  readonly #loadedVerificationKeys: KeyCache;

  /** Throws JwtConfigurationError for a key that does not fit. */
  constructor(
    private readonly config: JwtConfig,
    private readonly loaders: Loaders,
  ) {
    const { algorithm, decodeAlgorithms } = config;
    this.#ring = ringKeys(config);
    const [first] = this.#ring;
    this.#nameless = config.keys === undefined && first?.kid === undefined ? first : undefined;
    this.#byKid = new Map(this.#ring.map((key) => [key.kid, key]));
    this.#kidless = this.#ring.find(({ withoutKid }) => withoutKid);
    if (first?.signing !== undefined) {
      this.#signingKey = { key: first.signing, algorithm: first.algorithm, kid: first.kid };
    }
    const shared = { mediaTypes: ['jwt'], rules: rulesFor(config) };
    const ringAlgorithms = [...new Set(this.#ring.flatMap((key) => key.algorithms))];
    this.#ringTrust = {
      ...shared,
      hasKeys: true,
      algorithms: ringAlgorithms,
      keyFor: (token) => this.#ringKeyFor(token),
    };
    this.#loaderTrust = {
      ...shared,
      hasKeys: false,
      algorithms: decodeAlgorithms,
      keyFor: (token) => this.#loadedKeyFor(token),
    };
    this.#loadedSigningKeys = new KeyCache((material) =>
      toSigningKey(material, algorithm, this.#source('encodeKey')),
    );
    this.#loadedVerificationKeys = new KeyCache((material) =>
      toLoadedKey(material, decodeAlgorithms, this.#source('decodeKey')),
    );
    this.#assertSufficient();
  }

  /** Trust in these keys. The keys of a loader may have any algorithm of `decodeAlgorithms`. */
  get trust(): Trust {
    return this.loaders.has('decodeKey') ? this.#loaderTrust : this.#ringTrust;
  }

  /** The key for a new token. `loaded` is what the encode key loader returned. It is checked like a configured key. */
  signing(loaded: { readonly answer: unknown } | undefined): SigningKey {
    const { algorithm } = this.config;
    if (loaded !== undefined) {
      return { key: this.#loadedSigningKeys.get(loaded.answer), algorithm, kid: undefined };
    }
    if (this.#signingKey !== undefined) return this.#signingKey;
    throw missingKey();
  }

  /** The public keys of the ring. Secrets have no public part. */
  publicJwks(): PublicJwk[] {
    return this.#ring
      .filter(({ verification }) => verification.type === 'public')
      .map(({ kid, algorithm, algorithms, verification }) => ({
        ...verification.export({ format: 'jwk' }),
        kid: kid ?? thumbprint(verification),
        use: 'sig',
        ...(algorithms.length === 1 && { alg: algorithm }),
      }));
  }

  /** An unknown kid is answered like a bad signature. */
  #ringKeyFor({ header: { kid, alg } }: UnverifiedToken): KeyObject {
    const key = this.#nameless ?? (kid === undefined ? this.#kidless : this.#byKid.get(kid));
    if (key?.algorithms.includes(alg) === true) return key.verification;
    throw new InvalidTokenError('Signature verification failed');
  }

  /**
   * No key, or one for another algorithm than the token's, is the fault of the client. A key that fits none of
   * `decodeAlgorithms` is the fault of the application.
   */
  async #loadedKeyFor({ header, claims }: UnverifiedToken): Promise<KeyObject> {
    const event = { unverifiedHeader: header, unverifiedPayload: claims };
    const material: unknown = (await this.loaders.ask('decodeKey', event))?.answer;
    if (isNoKey(material)) throw new InvalidTokenError('Signature verification failed');
    const key = this.#loadedVerificationKeys.get(material);
    // RFC 8725 §3.1: a token must not choose how its key is used.
    if (misfitOf(key, header.alg) !== undefined) throw new InvalidTokenError('Signature verification failed');
    return key;
  }

  #assertSufficient(): void {
    const { keys, decodeAlgorithms, issuers } = this.config;
    const hasDecodeKeys = this.loaders.has('decodeKey');
    if (keys !== undefined && decodeAlgorithms.length > 1 && !hasDecodeKeys) {
      throw new JwtConfigurationError(
        'Option decodeAlgorithms is not for keys, each of which has its own algorithm: remove it',
      );
    }
    const isLoaded = hasDecodeKeys || this.loaders.has('encodeKey');
    if (this.#ring.length === 0 && issuers === undefined && !isLoaded) throw missingKey();
  }

  #source(event: 'encodeKey' | 'decodeKey'): string {
    return `What ${this.loaders.nameOf(event)}.load() returned`;
  }
}

function rulesFor(config: JwtConfig): ClaimRules {
  const { decodeLeeway, decodeIssuer, decodeAudience, defaultTokenType, identityClaim, verifySub } = config;
  return Object.freeze({
    decodeLeeway,
    identityClaim,
    verifySub,
    tokenTypes: TOKEN_TYPES,
    hasPurposes: true,
    needsExpiry: false,
    decodeIssuer,
    decodeAudience,
    defaultTokenType,
  });
}

/** An empty key is none: with it anyone could sign. */
function isNoKey(material: unknown): boolean {
  return material == null || material === '' || (material instanceof Uint8Array && material.length === 0);
}

function missingKey(): JwtConfigurationError {
  return new JwtConfigurationError(
    'There is no key: give secretKey for HS256 and the like, privateKey and publicKey for EdDSA, RS256 and the like, ' +
      'keys for several, or issuers whose tokens to accept; ' +
      'or register classes with @EncodeKeyLoader() and @DecodeKeyLoader() before the JwtManager is made',
  );
}
