import { createPrivateKey, createPublicKey, createSecretKey, KeyObject } from 'node:crypto';
import {
  ALGORITHMS,
  hashBytesOf,
  isSymmetric,
  type Algorithm,
  type AlgorithmFacts,
} from '../config/algorithms';
import type { JwtKey } from '../config/JwtKey';
import { JwtConfigurationError } from '../errors';
import { isOfSmallOrder } from './isOfSmallOrder';
import { looksLikeAsymmetricKey } from './looksLikeAsymmetricKey';
import { pemOf, whyUnreadable } from './pemOf';
import { rsaWeaknessOf } from './rsaWeaknessOf';
import { weaknessOf } from './weaknessOf';

/** A key ready for use. A part that was not given is undefined. */
export interface KeyPair {
  readonly signing: KeyObject | undefined;
  readonly verification: KeyObject | undefined;
}

/**
 * Makes KeyObjects of key material. `algorithm` signs, each of `algorithms` verifies. Throws JwtConfigurationError for
 * material that does not fit; `source` names it there.
 */
export function keyPairOf(
  given: JwtKey,
  algorithm: Algorithm,
  algorithms: readonly Algorithm[],
  source: (member: keyof JwtKey) => string,
): KeyPair {
  const { secretKey, privateKey, publicKey } = given;
  for (const member of isSymmetric(algorithm) ? PAIR : SECRET) {
    if (given[member] === undefined) continue;
    throw new JwtConfigurationError(
      `${source(member)} is not for ${algorithm}: remove it, or set another algorithm`,
    );
  }
  if (isSymmetric(algorithm)) {
    if (secretKey === undefined) return { signing: undefined, verification: undefined };
    const secret = toVerificationKey(secretKey, algorithms, source('secretKey'));
    return { signing: secret, verification: secret };
  }
  const signing =
    privateKey === undefined ? undefined : toSigningKey(privateKey, algorithm, source('privateKey'));
  const ofPair = signing === undefined ? undefined : createPublicKey(signing);
  if (publicKey === undefined) {
    for (const each of algorithms) if (ofPair !== undefined) refuseMisfit(ofPair, each, source('privateKey'));
    return { signing, verification: ofPair };
  }
  const verification = toVerificationKey(publicKey, algorithms, source('publicKey'));
  if (ofPair !== undefined && !ofPair.equals(verification)) {
    throw new JwtConfigurationError(
      `${source('publicKey')} is not the public part of privateKey: leave it out, or give the pair`,
    );
  }
  return { signing, verification };
}

const PAIR = ['privateKey', 'publicKey'] as const;
const SECRET = ['secretKey'] as const;

/** A secret or private key that fits the algorithm. `source` names it in the JwtConfigurationError. */
export function toSigningKey(material: unknown, algorithm: Algorithm, source: string): KeyObject {
  if (isSymmetric(algorithm)) return toSecret(material, [algorithm], source);
  return fitting(toPrivateKey(material, source), [algorithm], source);
}

/** A secret or public key that fits each of the algorithms. `source` names it in the JwtConfigurationError. */
export function toVerificationKey(
  material: unknown,
  algorithms: readonly Algorithm[],
  source: string,
): KeyObject {
  if (algorithms.some(isSymmetric)) return toSecret(material, algorithms, source);
  return fitting(toPublicKey(material, source), algorithms, source);
}

/**
 * A secret or public key that fits one of the algorithms: what a decode key loader returns. It may have keys of several
 * algorithms, so the caller checks the one of the token.
 */
export function toLoadedKey(material: unknown, algorithms: readonly Algorithm[], source: string): KeyObject {
  const key = algorithms.some(isSymmetric) ? toSecret(material, [], source) : toPublicKey(material, source);
  const fits = algorithms.some((algorithm) => misfitOf(key, algorithm) === undefined);
  return fits ? key : fitting(key, algorithms, source);
}

function toSecret(material: unknown, algorithms: readonly Algorithm[], source: string): KeyObject {
  const bytes = material instanceof KeyObject ? exportedSecret(material, source) : toBytes(material, source);
  if (looksLikeAsymmetricKey(bytes)) {
    // CVE-2017-11424 and its many successors: everybody with the public key could sign.
    throw new JwtConfigurationError(
      `${source} holds a PEM, DER, SSH or JWK key: it is no secret. ${HOW_TO_ASYMMETRIC}`,
    );
  }
  const key = fitting(createSecretKey(bytes), algorithms, source);
  const weakness = weaknessOf(bytes);
  if (weakness === undefined) return key;
  throw new JwtConfigurationError(`${source} is no secret: ${weakness}. ${howToMake(key.symmetricKeySize)}`);
}

function exportedSecret(key: KeyObject, source: string): Buffer {
  if (key.type !== 'secret')
    throw new JwtConfigurationError(`${source} must be a secret. ${HOW_TO_ASYMMETRIC}`);
  return key.export();
}

function toPrivateKey(material: unknown, source: string): KeyObject {
  if (material instanceof KeyObject) {
    if (material.type === 'private') return material;
    throw new JwtConfigurationError(`${source} must be a private key, not a ${material.type} one`);
  }
  return parsed(toBytes(material, source), source, 'private', createPrivateKey);
}

function toPublicKey(material: unknown, source: string): KeyObject {
  const bytes = material instanceof KeyObject ? undefined : toBytes(material, source);
  const isPrivate =
    material instanceof KeyObject ? material.type === 'private' : bytes?.includes('PRIVATE KEY-----');
  if (isPrivate === true) {
    throw new JwtConfigurationError(
      `${source} must be a public key: a private one has no business where tokens are only verified`,
    );
  }
  if (bytes !== undefined) return parsed(bytes, source, 'public', createPublicKey);
  if ((material as KeyObject).type === 'public') return material as KeyObject;
  throw new JwtConfigurationError(
    `${source} must be a public key, not a ${(material as KeyObject).type} one`,
  );
}

function parsed(
  bytes: Buffer,
  source: string,
  kind: 'public' | 'private',
  parse: (pem: string) => KeyObject,
): KeyObject {
  const pem = pemOf(bytes);
  try {
    return parse(pem);
  } catch {
    // Without the message of OpenSSL, because it may quote the key.
    throw new JwtConfigurationError(`${source} cannot be read: ${whyUnreadable(pem, kind)}`);
  }
}

function toBytes(material: unknown, source: string): Buffer {
  const bytes =
    typeof material === 'string' || material instanceof Uint8Array ? Buffer.from(material) : undefined;
  if (bytes !== undefined && bytes.length > 0) return bytes;
  throw new JwtConfigurationError(
    `${source} must be a non-empty string, a Buffer or a KeyObject of node:crypto`,
  );
}

function fitting(key: KeyObject, algorithms: readonly Algorithm[], source: string): KeyObject {
  for (const algorithm of algorithms) refuseMisfit(key, algorithm, source);
  return key;
}

function refuseMisfit(key: KeyObject, algorithm: Algorithm, source: string): void {
  const misfit = misfitOf(key, algorithm);
  if (misfit !== undefined) throw new JwtConfigurationError(`${source} does not fit ${algorithm}: ${misfit}`);
}

/** Why a key does not fit an algorithm (RFC 7518 §3, RFC 8037 §3.1). Undefined when it fits. */
export function misfitOf(key: KeyObject, algorithm: Algorithm): string | undefined {
  const facts: AlgorithmFacts = ALGORITHMS[algorithm];
  if (facts.key === 'secret') {
    // RFC 7518 §3.2
    const min = hashBytesOf(algorithm);
    if ((key.symmetricKeySize ?? 0) >= min) return undefined;
    return `it must have at least ${min} bytes. ${howToMake(min)}`;
  }
  const { asymmetricKeyType: type, asymmetricKeyDetails: details = {} } = key;
  if (type !== facts.key) return `it must be an ${NAMES[facts.key]} key, not ${String(type)}`;
  if (facts.key === 'ed25519') return isOfSmallOrder(key) ? OF_SMALL_ORDER : undefined;
  if (facts.key === 'ec') {
    return details.namedCurve === facts.curve ? undefined : `its curve must be ${facts.curve}`;
  }
  // RFC 7518 §3.3. With the exponent 1 a signature equals the message.
  const { modulusLength = 0, publicExponent = 0n } = details;
  if (modulusLength < 2048) return 'it must have at least 2048 bits';
  return publicExponent >= 3n && publicExponent % 2n === 1n
    ? rsaWeaknessOf(key)
    : 'its public exponent must be odd and at least 3';
}

function howToMake(bytes = 32): string {
  return `Make one with: node -p "crypto.randomBytes(${Math.min(bytes, 64)}).toString('base64url')"`;
}

const OF_SMALL_ORDER = 'it is a point of small order, so everybody can sign';

const NAMES = { rsa: 'RSA', ec: 'EC', ed25519: 'Ed25519' };

const HOW_TO_ASYMMETRIC =
  "For a key pair set algorithm, such as 'EdDSA' or 'RS256', with privateKey and publicKey";
