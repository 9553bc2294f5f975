import { constants, createHmac, sign, verify, type KeyObject, type SignKeyObjectInput } from 'node:crypto';
import { bare } from '../claims';
import { ALGORITHMS, type Algorithm, type AlgorithmFacts } from '../config/algorithms';
import { areEqual } from './areEqual';

/** Signs text for a JWS (RFC 7515 §5.1), in base64url. The key must fit the algorithm. */
export function signatureOf(input: string, key: KeyObject, algorithm: Algorithm): string {
  const facts: AlgorithmFacts = ALGORITHMS[algorithm];
  return facts.key === 'secret'
    ? createHmac(facts.hash, key).update(input).digest('base64url')
    : sign(facts.hash, Buffer.from(input), withParameters(key, algorithm)).toString('base64url');
}

/** Verifies a signature (RFC 7515 §5.2). The key must fit the algorithm, the signature must be canonical base64url. */
export function isSignedBy(key: KeyObject, algorithm: Algorithm, input: string, signature: string): boolean {
  const facts: AlgorithmFacts = ALGORITHMS[algorithm];
  if (facts.key === 'secret') return areEqual(signatureOf(input, key, algorithm), signature);
  const bytes = Buffer.from(signature, 'base64url');
  // RFC 8017 §8.1.2 step 1. OpenSSL also takes a PSS signature that has lost its leading zeros.
  if (algorithm.startsWith('PS') && bytes.length !== sizeOf(key)) return false;
  return verify(facts.hash, Buffer.from(input), withParameters(key, algorithm), bytes);
}

/** The length in bytes of the signatures of an RSA key. */
function sizeOf(key: KeyObject): number {
  return Math.ceil((key.asymmetricKeyDetails?.modulusLength ?? 0) / 8);
}

/** Each member is set, because Node would read absent ones from a polluted Object.prototype. */
const NONE = { padding: undefined, saltLength: undefined, dsaEncoding: undefined, context: undefined };
const NONE_OF_KEY = Object.fromEntries(Object.keys(NONE).map((name) => [name, bare({ value: undefined })]));

const PSS = {
  ...NONE,
  padding: constants.RSA_PKCS1_PSS_PADDING,
  saltLength: constants.RSA_PSS_SALTLEN_DIGEST,
};
const SIDE_BY_SIDE = { ...NONE, dsaEncoding: 'ieee-p1363' };

/**
 * RFC 7518 §3.4 and §3.5: r and s side by side instead of DER; the padding of RSA-PSS. The other algorithms get the key
 * itself, because Node 24 takes about as long for an object around it as for the signature.
 */
function withParameters(key: KeyObject, algorithm: Algorithm): KeyObject | SignKeyObjectInput {
  if (algorithm.startsWith('ES')) return { key, ...SIDE_BY_SIDE } as SignKeyObjectInput;
  if (algorithm.startsWith('PS')) return { key, ...PSS };
  // Node looks for parameters in the key, too.
  if (!Object.hasOwn(key, 'padding')) Object.defineProperties(key, NONE_OF_KEY);
  return key;
}
