import { Buffer } from 'node:buffer';
import {
  createHmac,
  createPrivateKey,
  generateKeyPairSync,
  randomBytes,
  randomUUID,
  sign,
} from 'node:crypto';

/** A string, as in the examples of all libraries. */
export const SECRET = 'the secret of the benchmark, of more than 32 bytes';
export const CSRF = 'a value that a page sends back with its cookie';
const LIFETIME = 24 * 3600;

/** Private keys in PEM, by algorithm, for child processes. */
export function newKeys() {
  const pem = { publicKeyEncoding: { type: 'spki', format: 'pem' } };
  pem.privateKeyEncoding = { type: 'pkcs8', format: 'pem' };
  return {
    RS256: generateKeyPairSync('rsa', { modulusLength: 2048, ...pem }).privateKey,
    ES256: generateKeyPairSync('ec', { namedCurve: 'prime256v1', ...pem }).privateKey,
    EdDSA: generateKeyPairSync('ed25519', pem).privateKey,
  };
}

/**
 * Makes tokens with node:crypto alone, so that no library is measured with its own. Each has another `jti` and the
 * same length. All have the claims that this library requires, because it requires the most.
 */
export class TokenMaker {
  #header;
  #signature;

  constructor(algorithm, keys) {
    this.#header = encoded({ alg: algorithm, typ: 'JWT' });
    this.#signature = signer(algorithm, keys);
  }

  valid(sub) {
    return this.#signed(sub, 0);
  }

  expired(sub) {
    return this.#signed(sub, -2 * LIFETIME);
  }

  /** Valid except for its signature. */
  forged(sub) {
    const [header, payload, signature] = this.valid(sub).split('.');
    const length = Buffer.from(signature, 'base64url').length;
    return `${header}.${payload}.${randomBytes(length).toString('base64url')}`;
  }

  #signed(sub, shift) {
    const iat = Math.floor(Date.now() / 1000) + shift;
    const claims = {
      sub,
      type: 'access',
      fresh: false,
      jti: randomUUID(),
      iat,
      nbf: iat,
      exp: iat + LIFETIME,
    };
    const text = `${this.#header}.${encoded({ ...claims, csrf: CSRF })}`;
    return `${text}.${this.#signature(text)}`;
  }
}

function signer(algorithm, keys) {
  if (algorithm === 'HS256') return (text) => createHmac('sha256', SECRET).update(text).digest('base64url');
  const key = createPrivateKey(keys[algorithm]);
  const hash = algorithm === 'EdDSA' ? null : 'sha256';
  return (text) => sign(hash, Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url');
}

function encoded(object) {
  return Buffer.from(JSON.stringify(object)).toString('base64url');
}
