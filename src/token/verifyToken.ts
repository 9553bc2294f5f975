import type { KeyObject } from 'node:crypto';
import jwt from 'jsonwebtoken';
import { InvalidTokenError } from '../errors';
import type { JwtConfig } from '../JwtConfig';
import type { VerifiedToken } from '../VerifiedToken';
import { checkedClaims } from './checkedClaims';
import { unverifiedPayload, type CompactToken } from './compact';
import { deepFreeze } from './deepFreeze';

/**
 * Holds a token to its signature, then to every claim but `exp`, which leaves the caller free to say whose
 * token has expired. Throws InvalidTokenError.
 */
export function verifyToken(token: CompactToken, key: KeyObject, config: JwtConfig): VerifiedToken {
  verifySignature(token, key, config);
  const payload = checkedClaims(unverifiedPayload(token), config);
  return Object.freeze({
    header: deepFreeze(token.header),
    payload: deepFreeze(payload),
    identity: payload[config.identityClaim],
  });
}

function verifySignature(token: CompactToken, key: KeyObject, config: JwtConfig): void {
  try {
    // The claims are ours to check: jsonwebtoken lets too many of them pass. The key is a KeyObject that fits
    // the algorithm, and never a callback: an unknown key in there ends the process.
    const algorithms = [...config.decodeAlgorithms];
    jwt.verify(token.text, key, { algorithms, ignoreExpiration: true, ignoreNotBefore: true });
  } catch {
    // Also SyntaxError, TypeError and whatever else it throws for odd tokens. Which it was is not told.
    throw new InvalidTokenError('Signature verification failed');
  }
}
