import { createPrivateKey, createPublicKey } from 'node:crypto';

/**
 * Whether bytes meant as an HMAC secret are a PEM, SSH, JWK or DER key in some disguise: behind white space, a
 * byte order mark, quotes or line ends written as `\n`. A public key as secret lets anyone sign (RFC 8725 §3.1).
 */
export function looksLikeAsymmetricKey(bytes: Buffer): boolean {
  const text = bytes.toString('utf8').replace(/\\[nr]|["'`\s\uFEFF]/g, '');
  return (
    /-{4,}BEGIN/i.test(text) ||
    /^(?:ssh-|ecdsa-sha2-|sk-ssh-|sk-ecdsa-)/i.test(text) ||
    /[{,\\]kty\\*:/.test(text) ||
    isDer(bytes) ||
    isDer(Buffer.from(text, 'base64'))
  );
}

const SEQUENCE = 0x30;

function isDer(key: Buffer): boolean {
  // Every DER key is an ASN.1 sequence; the parsers below are slow to say no.
  if (key[0] !== SEQUENCE) return false;
  return (
    parses(() => createPublicKey({ key, format: 'der', type: 'spki' })) ||
    parses(() => createPublicKey({ key, format: 'der', type: 'pkcs1' })) ||
    parses(() => createPrivateKey({ key, format: 'der', type: 'pkcs8' })) ||
    parses(() => createPrivateKey({ key, format: 'der', type: 'pkcs1' })) ||
    parses(() => createPrivateKey({ key, format: 'der', type: 'sec1' }))
  );
}

function parses(parse: () => unknown): boolean {
  try {
    parse();
    return true;
  } catch {
    return false;
  }
}
