import type { KeyObject } from 'node:crypto';
import { InvalidTokenError } from '../errors';
import type { VerifiedToken } from '../VerifiedToken';
import { checkedClaims } from './checkedClaims';
import { unverifiedPayload } from './compact';
import type { CompactToken } from './CompactToken';
import { deepFreeze } from './deepFreeze';
import { isSignedBy } from './signature';
import type { ClaimRules } from './Trust';

/**
 * Holds a token to its signature, then to every claim but `exp`, which leaves the caller free to say whose
 * token has expired. Throws InvalidTokenError.
 */
export function verifyToken(token: CompactToken, key: KeyObject, rules: ClaimRules): VerifiedToken {
  const { header, signingInput, signature } = token;
  if (!isSignedBy(key, header.alg, signingInput, signature)) {
    throw new InvalidTokenError('Signature verification failed');
  }
  const payload = checkedClaims(unverifiedPayload(token), rules);
  return Object.freeze({
    header: deepFreeze(header),
    payload: deepFreeze(payload),
    identity: payload[rules.identityClaim],
  });
}
