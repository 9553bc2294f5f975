import { createPrivateKey, createPublicKey } from 'node:crypto';

/**
 * Whether bytes meant as an HMAC secret are a PEM, SSH, JWK or DER key in disguise: behind white space, a byte order
 * mark, quotes or line ends written as `\n`, in base64, hex or UTF-16. With a public key as secret anyone can sign
 * (RFC 8725 §3.1).
 */
export function looksLikeAsymmetricKey(bytes: Buffer): boolean {
  const text = bare(bytes.toString('utf8'));
  const decoded = [
    Buffer.from(text, 'base64'),
    Buffer.from(text, 'hex'),
    Buffer.from(bytes.toString('utf16le')),
  ];
  return [bytes, trimmed(bytes), ...decoded].some(
    (each) => isDer(each) || isKeyText(bare(each.toString('utf8'))),
  );
}

function bare(text: string): string {
  return text.replace(/\\[nr]|["'`\s\uFEFF]/g, '');
}

function isKeyText(text: string): boolean {
  return (
    /-{4}BEGIN/i.test(text) ||
    /^(?:ssh-|ecdsa-sha2-|sk-ssh-|sk-ecdsa-|AAAA[BE][23])/i.test(text) ||
    // Members of a JWK. JSON lets letters of their names be written as \u006b.
    (text.includes('{') && /[{,\\](?:k|\\+u006b)(?:t|\\+u0074)(?:y|\\+u0079)\\*:/i.test(text))
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

/** Without leading white space, with which a DER key cannot begin. */
function trimmed(bytes: Buffer): Buffer {
  const start = bytes.findIndex((byte) => ![0x09, 0x0a, 0x0d, 0x20].includes(byte));
  return bytes.subarray(Math.max(start, 0));
}

function parses(parse: () => unknown): boolean {
  try {
    parse();
    return true;
  } catch {
    return false;
  }
}
