import { generateKeyPairSync } from 'node:crypto';
import type { Algorithm } from '../../src/index';
import { forge, now, type Claims } from './forge';
import { EC, ED25519, RSA, type Pair } from './keys';
import { signerFor } from './signerFor';

/** A key of another issuer, which publishes it and signs with it. */
export class IssuerKey {
  constructor(
    readonly kid: string | undefined,
    readonly algorithm: Algorithm = 'RS256',
    readonly pair: Pair = pairFor(algorithm),
  ) {}

  /** A new one with its own pair. */
  static fresh(kid: string | undefined): IssuerKey {
    return new IssuerKey(kid, 'ES256', generateKeyPairSync('ec', { namedCurve: 'P-256' }));
  }

  /** The published JWK; `undefined` omits a member. */
  jwk(changes: Claims = {}): Claims {
    const { kid, algorithm: alg } = this;
    return { ...this.pair.publicKey.export({ format: 'jwk' }), kid, alg, use: 'sig', ...changes };
  }

  /** A token with these claims. */
  sign(claims: Claims, header: Claims = {}): string {
    const { algorithm, kid } = this;
    return forge({
      header: { alg: algorithm, typ: 'JWT', kid, ...header },
      claims,
      signer: signerFor(algorithm, this.pair.privateKey),
    });
  }

  /** A token of alice like those of issuers: without `type`, `fresh`, `jti` and `csrf`. */
  token(iss: string, claims: Claims = {}, header: Claims = {}): string {
    const iat = now();
    return this.sign({ iss, aud: 'api', sub: 'alice', iat, exp: iat + 300, ...claims }, header);
  }
}

export function pairFor(algorithm: Algorithm): Pair {
  if (algorithm === 'EdDSA') return ED25519;
  return algorithm.startsWith('ES') ? EC[Number(algorithm.slice(2)) as 256 | 384 | 512] : RSA;
}
