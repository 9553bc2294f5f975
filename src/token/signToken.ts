import type { KeyObject } from 'node:crypto';
import jwt from 'jsonwebtoken';
import type { JwtConfig } from '../JwtConfig';
import type { JwtClaims } from '../VerifiedToken';
import { merged, refuseNames, type Members } from './additional';

// Whoever gets to name headers must not choose how the token is verified (RFC 8725 §3.1).
const RESERVED_HEADERS = ['alg', 'typ', 'crit', 'b64', '__proto__'];

/** Signs claims. Throws TypeError for headers that cannot stand in a token. */
export function signToken(
  claims: JwtClaims,
  headers: readonly (Members | undefined)[],
  key: KeyObject,
  config: JwtConfig,
): string {
  const additional = merged(headers, 'additionalHeaders');
  refuseNames(additional, RESERVED_HEADERS, 'Header');
  const header = { ...additional, alg: config.algorithm, typ: 'JWT' };
  // As text, for jsonwebtoken refuses an object with members such as `constructor`. The spread above keeps
  // a member named __proto__; what jsonwebtoken does with its header would not, so that one is reserved.
  return jwt.sign(JSON.stringify(claims), key, { algorithm: config.algorithm, header });
}
