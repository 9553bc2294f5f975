import { constants, createHmac, sign, timingSafeEqual, verify, type KeyObject } from 'node:crypto';
import { factsOf, type Algorithm } from '../config/algorithms';

/** Signs text for a JWS (RFC 7515 §5.1). The key is one that fits the algorithm. */
export function signatureOf(input: string, key: KeyObject, algorithm: Algorithm): Buffer {
  const { key: kind, hash } = factsOf(algorithm);
  return kind === 'secret'
    ? createHmac(String(hash), key).update(input).digest()
    : sign(hash, Buffer.from(input), { key, ...PARAMETERS[family(algorithm)] });
}

/** Whether a signature holds (RFC 7515 §5.2). The key is one that fits the algorithm; the signature may be anything. */
export function isSignedBy(key: KeyObject, algorithm: Algorithm, input: string, signature: Buffer): boolean {
  const { key: kind, hash } = factsOf(algorithm);
  if (kind === 'secret') {
    const expected = createHmac(String(hash), key).update(input).digest();
    return expected.length === signature.length && timingSafeEqual(expected, signature);
  }
  return verify(hash, Buffer.from(input), { key, ...PARAMETERS[family(algorithm)] }, signature);
}

/** RFC 7518 §3.3 to §3.5: the padding of RSA; r and s side by side, and not in DER. RFC 8037 §3.1 needs none. */
const PARAMETERS = {
  RS: { padding: constants.RSA_PKCS1_PADDING },
  PS: { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST },
  ES: { dsaEncoding: 'ieee-p1363' },
  Ed: {},
} as const;

function family(algorithm: Algorithm): keyof typeof PARAMETERS {
  return algorithm.slice(0, 2) as keyof typeof PARAMETERS;
}
