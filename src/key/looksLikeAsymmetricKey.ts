import { createPrivateKey, createPublicKey, X509Certificate } from 'node:crypto';
import { spellings } from './spellings';

/**
 * Whether bytes meant as an HMAC secret are a key or certificate in disguise: PEM, SSH, JWK, DER, or a bare RSA modulus
 * or EC point, in any of its `spellings`. With a public key as secret anyone can sign (RFC 8725 §3.1).
 */
export function looksLikeAsymmetricKey(bytes: Buffer): boolean {
  return spellings(bytes).some(
    (each) =>
      isDer(each) ||
      isEcPoint(each) ||
      isModulus(each) ||
      isSshBlob(each) ||
      isKeyText(each.toString('utf8')),
  );
}

function isKeyText(spelt: string): boolean {
  const text = spelt.replace(/\\[nr]|["'`\s\uFEFF]/g, '');
  return (
    /-{4}BEGIN/i.test(text) ||
    /^(?:ssh-(?:rsa|dss|ed)|ecdsa-sha2-|sk-ssh-|sk-ecdsa-|PuTTY-User-Key)/i.test(text) ||
    // A line of known_hosts, or of authorized_keys with options.
    /(?:ssh-(?:rsa|dss|ed25519)|ecdsa-sha2-nistp\d+|sk-[\w-]+@openssh\.com)AAAA/.test(text) ||
    // Members of a JWK. JSON lets letters of their names be written as \u006b.
    (text.includes('{') && /[{,\\](?:k|\\+u006b)(?:t|\\+u0074)(?:y|\\+u0079)\\*:/i.test(text))
  );
}

/** The keys of SSH inside their base64 (RFC 4253 §6.6). */
function isSshBlob(bytes: Buffer): boolean {
  return /^(?:\0\0\0.(?:ssh-|ecdsa-|sk-)|openssh-key-v1\0)/s.test(bytes.toString('latin1', 0, 20));
}

const SEQUENCE = 0x30;

/** Whether these are DER: a key of any kind, or, if they are too many to be so by chance, anything else. */
function isDer(key: Buffer): boolean {
  // Every DER key is an ASN.1 sequence; the parsers below are slow to say no.
  if (key[0] !== SEQUENCE) return false;
  return (
    isLongSequence(key) ||
    parses(() => createPublicKey({ key, format: 'der', type: 'spki' })) ||
    parses(() => createPublicKey({ key, format: 'der', type: 'pkcs1' })) ||
    parses(() => createPrivateKey({ key, format: 'der', type: 'pkcs8' })) ||
    parses(() => createPrivateKey({ key, format: 'der', type: 'pkcs1' })) ||
    parses(() => createPrivateKey({ key, format: 'der', type: 'sec1' })) ||
    parses(() => new X509Certificate(key))
  );
}

/** A sequence of more than 128 bytes that says its own length, such as a certificate or an encrypted key. */
function isLongSequence(bytes: Buffer): boolean {
  const lengthBytes = Number(bytes[1]) - 0x80;
  if (lengthBytes < 1 || lengthBytes > 3 || bytes.length <= 128) return false;
  return bytes.readUIntBE(2, lengthBytes) === bytes.length - 2 - lengthBytes;
}

/** The bytes before an uncompressed point in a DER key, by the length of the point (RFC 5480 §2). */
const SPKI: Readonly<Record<number, string>> = {
  65: '3059301306072a8648ce3d020106082a8648ce3d030107034200',
  97: '3076301006072a8648ce3d020106052b81040022036200',
  133: '30819b301006072a8648ce3d020106052b8104002303818600',
};

/** An uncompressed point of P-256, P-384 or P-521 (SEC 1 §2.3.3). Random bytes are on no curve. */
function isEcPoint(point: Buffer): boolean {
  const before = point[0] === 4 ? SPKI[point.length] : undefined;
  if (before === undefined) return false;
  const key = Buffer.concat([Buffer.from(before, 'hex'), point]);
  return parses(() => createPublicKey({ key, format: 'der', type: 'spki' }));
}

/**
 * What may be the modulus of an RSA key: of a usual length, with its first and last bit set, and without a small
 * factor. Of random secrets of just these lengths one in fifty looks so too.
 */
function isModulus(bytes: Buffer): boolean {
  const number = bytes[0] === 0 ? bytes.subarray(1) : bytes;
  if (![256, 384, 512].includes(number.length)) return false;
  if (Number(number[0]) < 0x80 || Number(number.at(-1)) % 2 === 0) return false;
  const n = BigInt(`0x${number.toString('hex')}`);
  for (let factor = 3n; factor < 10_000n; factor += 2n) if (n % factor === 0n) return false;
  return true;
}

function parses(parse: () => unknown): boolean {
  try {
    parse();
    return true;
  } catch {
    return false;
  }
}
