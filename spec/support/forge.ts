import { constants, createHmac, randomUUID, sign, type KeyObject } from 'node:crypto';
import { SECRET } from './secret';

/** Signs `header.payload` (RFC 7515 §5.1). */
export type Signer = (input: string) => Buffer;

export interface Forgery {
  /** A JSON value, or a Buffer with the exact bytes. */
  readonly header?: unknown;
  readonly claims?: unknown;
  readonly signer?: Signer;
}

export type Claims = Readonly<Record<string, unknown>>;

/** The header of the library's own tokens, so that a forgery differs only in what is tested. */
export const HEADER = { alg: 'HS256', typ: 'JWT' } as const;

/** Makes a token with any header, claims and key, without the library under test or jsonwebtoken. */
export function forge({ header = HEADER, claims = claimsOf(), signer = hmac() }: Forgery = {}): string {
  const input = `${segment(header)}.${segment(claims)}`;
  return `${input}.${signer(input).toString('base64url')}`;
}

/** The claims of a good access token of alice; `undefined` omits one. */
export function claimsOf(changes: Claims = {}): Claims {
  const iat = now();
  const honest = { sub: 'alice', type: 'access', fresh: false, iat, nbf: iat, exp: iat + 900 };
  return { ...honest, jti: randomUUID(), csrf: randomUUID(), ...changes };
}

/** Seconds since 1970. */
export function now(): number {
  return Math.floor(Date.now() / 1000);
}

export function segment(value: unknown): string {
  const bytes = Buffer.isBuffer(value) ? value : Buffer.from(JSON.stringify(value));
  return bytes.toString('base64url');
}

/** The exact bytes of a segment. */
export function raw(text: string): Buffer {
  return Buffer.from(text);
}

export function hmac(secret: string | Buffer = SECRET, hash = 'sha256'): Signer {
  return (input) => createHmac(hash, secret).update(input).digest();
}

export function rsa(key: KeyObject, hash = 'sha256'): Signer {
  return (input) => sign(hash, Buffer.from(input), { key, padding: constants.RSA_PKCS1_PADDING });
}

/** With r and s side by side, as in JWS, or as DER, which JWS does not allow. */
export function ecdsa(
  key: KeyObject,
  hash = 'sha256',
  dsaEncoding: 'ieee-p1363' | 'der' = 'ieee-p1363',
): Signer {
  return (input) => sign(hash, Buffer.from(input), { key, dsaEncoding });
}

export function ed25519(key: KeyObject): Signer {
  return (input) => sign(null, Buffer.from(input), key);
}

/** The content of a token, unverified. */
export function opened(token: string): { header: Claims; claims: Claims } {
  const [header, claims] = token.split('.', 2).map((each) => Buffer.from(each, 'base64url').toString());
  return { header: JSON.parse(String(header)) as Claims, claims: JSON.parse(String(claims)) as Claims };
}
