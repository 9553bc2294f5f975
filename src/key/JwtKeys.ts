import type { KeyObject } from 'node:crypto';
import type { Algorithm } from '../config/algorithms';
import { InvalidTokenError, JwtConfigurationError } from '../errors';
import type { JwtConfig } from '../JwtConfig';
import type { IssueEvent } from '../loader/LoaderEvents';
import type { Loaders } from '../loader/Loaders';
import type { UnverifiedToken } from '../token/CompactToken';
import type { SigningKey } from '../token/SigningKey';
import type { ClaimRules, Trust } from '../token/Trust';
import { TOKEN_TYPES } from '../VerifiedToken';
import { toSigningKey, toVerificationKey } from './keyObjects';
import { KeyRing, type PublicJwk } from './KeyRing';
import { MadeKeys } from './MadeKeys';
import { TrustedIssuer } from './TrustedIssuer';

/** Which key signs a token, and which is to have signed one: a loader's, one of the ring, or another issuer's. */
export class JwtKeys implements Trust {
  readonly mediaTypes = ['jwt'];
  readonly rules: ClaimRules;
  readonly #config: JwtConfig;
  readonly #loaders: Loaders;
  readonly #ring: KeyRing;
  readonly #issuers: ReadonlyMap<string, TrustedIssuer>;
  readonly #signingKeys: MadeKeys;
  readonly #verificationKeys: MadeKeys;

  /** Throws JwtConfigurationError for a key that does not fit, and where there is none at all. */
  constructor(config: JwtConfig, loaders: Loaders) {
    this.#config = config;
    this.#loaders = loaders;
    this.#ring = new KeyRing(config);
    this.#issuers = new Map(
      (config.issuers ?? []).map((issuer) => [issuer.issuer, new TrustedIssuer(issuer, config)]),
    );
    const { algorithm, decodeAlgorithms } = config;
    this.#signingKeys = new MadeKeys((material) =>
      toSigningKey(material, algorithm, this.#source('encodeKey')),
    );
    this.#verificationKeys = new MadeKeys((material) =>
      toVerificationKey(material, decodeAlgorithms, this.#source('decodeKey')),
    );
    this.rules = rulesFor(config);
    if (config.keys !== undefined && decodeAlgorithms.length > 1 && !loaders.has('decodeKey')) {
      throw new JwtConfigurationError(
        'Option decodeAlgorithms is not for keys, each of which has its own algorithm: remove it',
      );
    }
    const isLoaded = loaders.has('encodeKey') || loaders.has('decodeKey');
    if (this.#ring.isEmpty && this.#issuers.size === 0 && !isLoaded) throw missingKey();
  }

  /** Those of this application's own tokens. A loader's keys go by the options. */
  get algorithms(): readonly Algorithm[] {
    return this.#loaders.has('decodeKey') ? this.#config.decodeAlgorithms : this.#ring.algorithms;
  }

  /** What a loader returns is checked like a configured key; it throws JwtConfigurationError too. */
  async signing(event: IssueEvent): Promise<SigningKey> {
    const { algorithm } = this.#config;
    const loaded = await this.#loaders.ask('encodeKey', event);
    if (loaded !== undefined) {
      return {
        key: this.#signingKeys.of(loaded.answer),
        algorithm,
        kid: undefined,
      };
    }
    if (this.#ring.signing !== undefined) return this.#ring.signing;
    throw missingKey();
  }

  /** Whose word a token asks to be believed on. Its `iss` chooses among those configured, and is held to it later. */
  trustFor(token: UnverifiedToken): Trust {
    if (this.#issuers.size === 0) return this;
    const iss = Object.hasOwn(token.claims, 'iss') ? token.claims['iss'] : undefined;
    const issuer = typeof iss === 'string' ? this.#issuers.get(iss) : undefined;
    if (issuer !== undefined) return issuer;
    if (this.#ring.isEmpty && !this.#loaders.has('decodeKey')) throw new InvalidTokenError('Invalid issuer');
    return this;
  }

  /**
   * A key of this application. Throws InvalidTokenError, with the words of a bad signature, where there is none for
   * the token: an unknown kid is the client's fault, while a loader's key that does not fit is the application's.
   */
  keyFor(token: UnverifiedToken): KeyObject | Promise<KeyObject> {
    if (this.#loaders.has('decodeKey')) return this.#loaded(token);
    if (this.#ring.isEmpty) throw missingKey();
    const key = this.#ring.verification(token.header.kid, token.header.alg);
    if (key === undefined) throw new InvalidTokenError('Signature verification failed');
    return key;
  }

  publicJwks(): PublicJwk[] {
    return this.#ring.publicJwks();
  }

  async #loaded(token: UnverifiedToken): Promise<KeyObject> {
    const event = { unverifiedHeader: token.header, unverifiedPayload: token.claims };
    const material: unknown = (await this.#loaders.ask('decodeKey', event))?.answer;
    if (isNoKey(material)) throw new InvalidTokenError('Signature verification failed');
    return this.#verificationKeys.of(material);
  }

  #source(event: 'encodeKey' | 'decodeKey'): string {
    return `What ${this.#loaders.nameOf(event)}.load() returned`;
  }
}

function rulesFor(config: JwtConfig): ClaimRules {
  const { decodeLeeway, decodeIssuer, decodeAudience, defaultTokenType, identityClaim, verifySub } = config;
  return Object.freeze({
    decodeLeeway,
    identityClaim,
    verifySub,
    tokenTypes: TOKEN_TYPES,
    needsExpiry: false,
    ...(decodeIssuer !== undefined && { decodeIssuer }),
    ...(decodeAudience !== undefined && { decodeAudience }),
    ...(defaultTokenType !== undefined && { defaultTokenType }),
  });
}

/** An empty key is none, for with it anyone could sign. */
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
