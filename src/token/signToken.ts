import type { KeyObject } from 'node:crypto';
import jwt from 'jsonwebtoken';
import type { JwtConfig } from '../JwtConfig';
import type { JwtClaims } from '../VerifiedToken';
import { MOST_CHARACTERS, NOT_SUPPORTED } from './compact';
import { merged, refuseNames, type Members } from './additional';

// Whoever gets to name headers must not choose how the token is verified (RFC 8725 §3.1).
const RESERVED_HEADERS = ['alg', 'typ', '__proto__', ...NOT_SUPPORTED];

/** Signs claims. Throws TypeError for headers that cannot stand in a token. */
export function signToken(
  claims: JwtClaims,
  headers: readonly (Members | undefined)[],
  key: KeyObject,
  config: JwtConfig,
): string {
  const additional = merged(headers, 'additionalHeaders');
  refuseNames(additional, RESERVED_HEADERS, 'Header');
  if (additional['kid'] !== undefined && typeof additional['kid'] !== 'string') {
    throw new TypeError('Header kid must be a string');
  }
  const header = { ...additional, alg: config.algorithm, typ: 'JWT' };
  // As text, for jsonwebtoken refuses an object with members such as `constructor`. The spread above keeps
  // a member named __proto__; what jsonwebtoken does with its header would not, so that one is reserved.
  const token = jwt.sign(JSON.stringify(claims), key, { algorithm: config.algorithm, header });
  if (token.length <= MOST_CHARACTERS) return token;
  throw new TypeError(
    `A token must have at most ${MOST_CHARACTERS} characters: keep the claims somewhere else`,
  );
}
