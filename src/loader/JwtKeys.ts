import type { KeyObject } from 'node:crypto';
import { InvalidTokenError, JwtConfigurationError } from '../errors';
import type { JwtConfig } from '../JwtConfig';
import { unverifiedPayload, type CompactToken } from '../token/compact';
import { configuredKeys, toSigningKey, toVerificationKey, type ConfiguredKeys } from '../token/keys';
import type { IssueEvent } from './LoaderEvents';
import type { Loaders } from './Loaders';

/** Which key signs or verifies a token: a loader's, where there is one, or else the configured one. */
export class JwtKeys {
  readonly #config: JwtConfig;
  readonly #loaders: Loaders;
  readonly #configured: ConfiguredKeys;

  /** Throws JwtConfigurationError for a key that does not fit, and where there is none at all. */
  constructor(config: JwtConfig, loaders: Loaders) {
    this.#config = config;
    this.#loaders = loaders;
    this.#configured = configuredKeys(config);
    const { signing, verification } = this.#configured;
    if (!signing && !verification && !loaders.has('encodeKey') && !loaders.has('decodeKey'))
      throw missingKey();
  }

  /** What a loader returns is checked like a configured key, at each call; it throws JwtConfigurationError too. */
  async signing(event: IssueEvent): Promise<KeyObject> {
    const loaded = await this.#loaders.ask('encodeKey', event);
    if (loaded !== undefined)
      return toSigningKey(loaded.answer, this.#config.algorithm, this.#source('encodeKey'));
    if (this.#configured.signing !== undefined) return this.#configured.signing;
    throw missingKey();
  }

  /**
   * Throws InvalidTokenError, with the words of a bad signature, where a loader has no key for the token: an
   * unknown kid is the client's fault, while a key that is too short or does not fit is the application's.
   */
  async verification(token: CompactToken): Promise<KeyObject> {
    if (this.#loaders.has('decodeKey')) {
      const event = { unverifiedHeader: token.header, unverifiedPayload: unverifiedPayload(token) };
      const material: unknown = (await this.#loaders.ask('decodeKey', event))?.answer;
      if (isNoKey(material)) throw new InvalidTokenError('Signature verification failed');
      return toVerificationKey(material, this.#config.decodeAlgorithms, this.#source('decodeKey'));
    }
    if (this.#configured.verification !== undefined) return this.#configured.verification;
    throw missingKey();
  }

  #source(event: 'encodeKey' | 'decodeKey'): string {
    return `What ${this.#loaders.nameOf(event)}.load() returned`;
  }
}

/** An empty key is none, for with it anyone could sign. */
function isNoKey(material: unknown): boolean {
  return material == null || material === '' || (material instanceof Uint8Array && material.length === 0);
}

function missingKey(): JwtConfigurationError {
  return new JwtConfigurationError(
    'There is no key: give secretKey for HS256 and the like, or privateKey and publicKey for RS256 and the like, ' +
      'or register classes with @EncodeKeyLoader() and @DecodeKeyLoader() before the JwtManager is made',
  );
}
