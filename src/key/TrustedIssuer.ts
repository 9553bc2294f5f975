import type { KeyObject } from 'node:crypto';
import { isPromise } from '../config/isPromise';
import type { Algorithm } from '../config/algorithms';
import type { JwtIssuer } from '../config/OptionTable';
import { InvalidTokenError } from '../errors';
import type { JwtConfig } from '../JwtConfig';
import type { UnverifiedToken } from '../token/CompactToken';
import type { ClaimRules, Trust } from '../token/Trust';
import { RemoteKeys } from './RemoteKeys';

/**
 * Another issuer, whose access tokens are accepted by the keys that it publishes. Its tokens need no `type` and no
 * `fresh`: they are access tokens, and not fresh, unless they say so as this library does. They need an `exp`
 * (RFC 9068 §2.2), for nobody else could end them. Refresh tokens are its own affair.
 */
export class TrustedIssuer implements Trust {
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
      tokenTypes: ['access'],
      needsExpiry: true,
    });
    this.#keys = new RemoteKeys(issuer, this.algorithms);
  }

  /** Throws KeysUnavailableError too, where the issuer has to be asked and does not answer. */
  keyFor({ header: { kid, alg } }: UnverifiedToken): KeyObject | Promise<KeyObject> {
    const key = this.#keys.find(kid, alg);
    return isPromise(key) ? key.then(published) : published(key);
  }
}

function published(key: KeyObject | undefined): KeyObject {
  if (key === undefined) throw new InvalidTokenError('Signature verification failed');
  return key;
}
