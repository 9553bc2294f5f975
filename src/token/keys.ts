import { createPrivateKey, createPublicKey, createSecretKey, KeyObject } from 'node:crypto';
import { factsOf, isSymmetric, type Algorithm } from '../config/algorithms';
import { JwtConfigurationError } from '../errors';
import type { JwtConfig } from '../JwtConfig';
import { looksLikeAsymmetricKey } from './looksLikeAsymmetricKey';

/** The configured keys; a part that is missing has to come from a loader. */
export interface ConfiguredKeys {
  readonly signing: KeyObject | undefined;
  readonly verification: KeyObject | undefined;
}

/** Makes each configured key into a KeyObject, once, and refuses those that do not fit the algorithm. */
export function configuredKeys(config: JwtConfig): ConfiguredKeys {
  const { algorithm, decodeAlgorithms, secretKey, privateKey, publicKey } = config;
  if (isSymmetric(algorithm)) {
    refuseUnused(config, ['privateKey', 'publicKey']);
    if (secretKey === undefined) return { signing: undefined, verification: undefined };
    const secret = toVerificationKey(secretKey, decodeAlgorithms, 'Option secretKey');
    return { signing: secret, verification: secret };
  }
  refuseUnused(config, ['secretKey']);
  const signing =
    privateKey === undefined ? undefined : toSigningKey(privateKey, algorithm, 'Option privateKey');
  const ofPair = signing === undefined ? undefined : createPublicKey(signing);
  if (publicKey === undefined) {
    for (const each of decodeAlgorithms)
      if (ofPair !== undefined) refuseMisfit(ofPair, each, 'Option privateKey');
    return { signing, verification: ofPair };
  }
  const verification = toVerificationKey(publicKey, decodeAlgorithms, 'Option publicKey');
  if (ofPair !== undefined && !ofPair.equals(verification)) {
    throw new JwtConfigurationError(
      'Option publicKey is not the public part of privateKey: leave it out, or give the pair',
    );
  }
  return { signing, verification };
}

/** A secret or private key that fits the algorithm. `source` names it in the JwtConfigurationError. */
export function toSigningKey(material: unknown, algorithm: Algorithm, source: string): KeyObject {
  const key = isSymmetric(algorithm) ? toSecret(material, source) : toPrivateKey(material, source);
  refuseMisfit(key, algorithm, source);
  return key;
}

/** A secret or public key that fits each of the algorithms. `source` names it in the JwtConfigurationError. */
export function toVerificationKey(
  material: unknown,
  algorithms: readonly Algorithm[],
  source: string,
): KeyObject {
  const key = algorithms.some(isSymmetric) ? toSecret(material, source) : toPublicKey(material, source);
  for (const algorithm of algorithms) refuseMisfit(key, algorithm, source);
  return key;
}

function toSecret(material: unknown, source: string): KeyObject {
  const bytes = material instanceof KeyObject ? exportedSecret(material, source) : toBytes(material, source);
  if (looksLikeAsymmetricKey(bytes)) {
    // CVE-2017-11424 and its many successors: whoever has the public key could sign.
    throw new JwtConfigurationError(
      `${source} holds a PEM, DER, SSH or JWK key: it is no secret. ${HOW_TO_ASYMMETRIC}`,
    );
  }
  return createSecretKey(bytes);
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
  return parsed(material, source, 'private key in PEM', createPrivateKey);
}

function toPublicKey(material: unknown, source: string): KeyObject {
  const isPrivate =
    material instanceof KeyObject
      ? material.type === 'private'
      : toBytes(material, source).includes('PRIVATE KEY-----');
  if (isPrivate) {
    throw new JwtConfigurationError(
      `${source} must be a public key: a private one has no business where tokens are only verified`,
    );
  }
  if (material instanceof KeyObject) {
    if (material.type === 'public') return material;
    throw new JwtConfigurationError(`${source} must be a public key, not a ${material.type} one`);
  }
  return parsed(material, source, 'public key in PEM', createPublicKey);
}

function parsed(
  material: unknown,
  source: string,
  what: string,
  parse: (pem: Buffer) => KeyObject,
): KeyObject {
  const pem = toBytes(material, source);
  try {
    return parse(pem);
  } catch {
    // OpenSSL's own message is left out: it may quote the key.
    throw new JwtConfigurationError(
      `${source} cannot be read: it must be a ${what} ("-----BEGIN …") or a KeyObject`,
    );
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

function refuseMisfit(key: KeyObject, algorithm: Algorithm, source: string): void {
  const misfit = misfitOf(key, algorithm);
  if (misfit !== undefined) throw new JwtConfigurationError(`${source} does not fit ${algorithm}: ${misfit}`);
}

function misfitOf(key: KeyObject, algorithm: Algorithm): string | undefined {
  const facts = factsOf(algorithm);
  if (facts.key === 'secret') {
    // RFC 7518 §3.2
    if ((key.symmetricKeySize ?? 0) >= facts.hashBytes) return undefined;
    return `it must have at least ${facts.hashBytes} bytes. Make one with: node -p "crypto.randomBytes(${facts.hashBytes}).toString('base64url')"`;
  }
  const { asymmetricKeyType: type, asymmetricKeyDetails: details = {} } = key;
  if (type !== facts.key) return `it must be an ${facts.key.toUpperCase()} key, not ${String(type)}`;
  if (facts.key === 'ec') {
    return details.namedCurve === facts.curve ? undefined : `its curve must be ${String(facts.curve)}`;
  }
  // RFC 7518 §3.3; with the exponent 1 a signature is the message.
  const { modulusLength = 0, publicExponent = 0n } = details;
  if (modulusLength < 2048) return 'it must have at least 2048 bits';
  return publicExponent >= 3n && publicExponent % 2n === 1n
    ? undefined
    : 'its public exponent must be odd and at least 3';
}

function refuseUnused(config: JwtConfig, names: readonly ('secretKey' | 'privateKey' | 'publicKey')[]): void {
  for (const name of names) {
    if (config[name] !== undefined) {
      throw new JwtConfigurationError(
        `Option ${name} is not for ${config.algorithm}: remove it, or set another algorithm`,
      );
    }
  }
}

const HOW_TO_ASYMMETRIC =
  "For a key pair set algorithm, such as 'RS256' or 'ES256', with privateKey and publicKey";
