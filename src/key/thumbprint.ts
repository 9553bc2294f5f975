import { createHash, type JsonWebKey, type KeyObject } from 'node:crypto';
import { bare } from '../claims';

/** The SHA-256 thumbprint of a public key: a name that everybody with the key can compute (RFC 7638). */
export function thumbprint(publicKey: KeyObject): string {
  const jwk = bare(publicKey.export({ format: 'jwk' }));
  const members = REQUIRED.filter((name) => jwk[name] !== undefined).map((name) => [name, jwk[name]]);
  return createHash('sha256')
    .update(JSON.stringify(Object.fromEntries(members)))
    .digest('base64url');
}

/** The members that make a public key, in the order of RFC 7638 §3. */
const REQUIRED = ['crv', 'e', 'kty', 'n', 'x', 'y'] as const satisfies readonly (keyof JsonWebKey)[];
