import type { JwtClaims } from '../VerifiedToken';
import { merged, refuseNames, type Members } from './additional';
import { MOST_CHARACTERS, NOT_SUPPORTED } from './compact';
import { signatureOf } from './signature';
import type { SigningKey } from './SigningKey';

// Whoever gets to name headers must not choose how the token is verified (RFC 8725 §3.1).
const RESERVED_HEADERS = ['alg', 'typ', '__proto__', ...NOT_SUPPORTED];

/** Signs claims. Throws TypeError for headers that cannot stand in a token. */
export function signToken(
  claims: JwtClaims,
  headers: readonly (Members | undefined)[],
  { key, algorithm, kid }: SigningKey,
): string {
  const additional = merged(headers, 'additionalHeaders');
  refuseNames(additional, kid === undefined ? RESERVED_HEADERS : [...RESERVED_HEADERS, 'kid'], 'Header');
  if (additional['kid'] !== undefined && typeof additional['kid'] !== 'string') {
    throw new TypeError('Header kid must be a string');
  }
  const header = { ...additional, alg: algorithm, typ: 'JWT', ...(kid !== undefined && { kid }) };
  const input = `${segment(header)}.${segment(claims)}`;
  const token = `${input}.${signatureOf(input, key, algorithm)}`;
  if (token.length <= MOST_CHARACTERS) return token;
  throw new TypeError(
    `A token must have at most ${MOST_CHARACTERS} characters: keep the claims somewhere else`,
  );
}

function segment(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
