import { constants, createHmac, sign, verify, type KeyObject, type VerifyKeyObjectInput } from 'node:crypto';
import { ALGORITHMS, type Algorithm, type AlgorithmFacts } from '../config/algorithms';

/** Signs text for a JWS (RFC 7515 §5.1), in base64url. The key must fit the algorithm. */
export function signatureOf(input: string, key: KeyObject, algorithm: Algorithm): string {
  const facts: AlgorithmFacts = ALGORITHMS[algorithm];
  return facts.key === 'secret'
    ? createHmac(facts.hash, key).update(input).digest('base64url')
    : sign(facts.hash, Buffer.from(input), {
        key,
        ...PARAMETERS[family(algorithm)],
      }).toString('base64url');
}

/** Verifies a signature (RFC 7515 §5.2). The key must fit the algorithm, the signature must be canonical base64url. */
export function isSignedBy(key: KeyObject, algorithm: Algorithm, input: string, signature: string): boolean {
  const facts: AlgorithmFacts = ALGORITHMS[algorithm];
  if (facts.key === 'secret') return areEqual(signatureOf(input, key, algorithm), signature);
  const parameters = { key, ...PARAMETERS[family(algorithm)] } as VerifyKeyObjectInput;
  return verify(facts.hash, Buffer.from(input), parameters, Buffer.from(signature, 'base64url'));
}

/** Compares ASCII texts in a time that depends only on their length. Two Buffers would cost as much as the HMAC. */
function areEqual(one: string, other: string): boolean {
  if (one.length !== other.length) return false;
  let differences = 0;
  for (let i = 0; i < one.length; i++) differences |= one.charCodeAt(i) ^ other.charCodeAt(i);
  return differences === 0;
}

/** Each member is set, because Node would read absent ones from a polluted Object.prototype. */
const NONE = { padding: undefined, saltLength: undefined, dsaEncoding: undefined, context: undefined };

/** RFC 7518 §3.3 to §3.5: the padding of RSA; r and s side by side instead of DER. RFC 8037 §3.1 needs none. */
const PARAMETERS = {
  RS: { ...NONE, padding: constants.RSA_PKCS1_PADDING },
  PS: { ...NONE, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST },
  ES: { ...NONE, dsaEncoding: 'ieee-p1363' },
  Ed: NONE,
} as const;

function family(algorithm: Algorithm): keyof typeof PARAMETERS {
  return algorithm.slice(0, 2) as keyof typeof PARAMETERS;
}
