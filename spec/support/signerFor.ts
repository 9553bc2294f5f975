import { constants, sign, type KeyObject } from 'node:crypto';
import type { Algorithm } from '../../src/index';
import type { Signer } from './forge';

/** Signs with a private key (RFC 7518 §3.3 to §3.5, RFC 8037 §3.1), without the library under test. */
export function signerFor(algorithm: Algorithm, key: KeyObject): Signer {
  const hash = algorithm === 'EdDSA' ? null : `sha${algorithm.slice(2)}`;
  return (input) => sign(hash, Buffer.from(input), { key, ...parametersOf(algorithm) });
}

function parametersOf(algorithm: Algorithm): object {
  if (algorithm.startsWith('PS')) {
    return { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST };
  }
  return algorithm.startsWith('ES') ? { dsaEncoding: 'ieee-p1363' } : {};
}
