import type { KeyObject } from 'node:crypto';
import type { Algorithm } from '../../config/algorithms';
import type { JwtConfig } from '../../config/JwtConfig';
import type { JwtIssuer } from '../../config/JwtIssuer';
import { InvalidTokenError } from '../../errors';
import type { UnverifiedToken } from '../../token/CompactToken';
import type { ClaimRules, KeySource } from '../../token/Trust';
import { RemoteKeys } from './RemoteKeys';

/**
 * Another issuer, whose access tokens are verified by the keys that it publishes. They need no `type` and no `fresh`:
 * they count as access tokens that are not fresh, unless they say so as this library does. So do those with a `type` of
 * the option `tokenTypes`. They need an `exp`
 * (RFC 9068 §2.2), because nobody else could end them. Its refresh tokens, and
 * tokens that it made for one purpose, are never accepted.
 */
export class TrustedIssuer implements KeySource {
  readonly hasKeys = false;
  readonly algorithms: readonly Algorithm[];
  /** RFC 9068 §2.1 has a type of its own for access tokens. */
  readonly mediaTypes = ['jwt', 'at+jwt', 'application/at+jwt'];
  readonly rules: ClaimRules;
  readonly #keys: RemoteKeys;

  constructor(issuer: JwtIssuer, { decodeLeeway, identityClaim, verifySub }: JwtConfig) {
    this.algorithms = issuer.algorithms ?? ['RS256'];
    this.rules = Object.freeze<ClaimRules>({
      decodeLeeway,
      identityClaim,
      verifySub,
      decodeIssuer: issuer.issuer,
      decodeAudience: issuer.audience,
      defaultTokenType: 'access',
      tokenTypes: ['access', ...[issuer.tokenTypes ?? []].flat()],
      hasPurposes: false,
      needsExpiry: true,
    });
    this.#keys = new RemoteKeys(issuer, this.algorithms);
  }

  /** Throws KeysUnavailableError too, when the issuer must be asked and does not respond. */
  async keyFor({ header: { kid, alg } }: UnverifiedToken): Promise<KeyObject> {
    const key = await this.#keys.find(kid, alg);
    if (key !== undefined) return key;
    throw new InvalidTokenError('Signature verification failed');
  }
}
