import type { KeyObject } from 'node:crypto';
import { InvalidTokenError } from '../errors';
import type { VerifiedToken } from '../VerifiedToken';
import { checkClaims, withDefaults } from './claims';
import type { CompactToken } from './CompactToken';
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
  checkClaims(token.claims, rules);
  const payload = withDefaults(token.claims, rules);
  return Object.freeze({ header, payload, identity: payload[rules.identityClaim] });
}
