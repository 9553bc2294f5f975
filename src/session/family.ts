import type { JwtClaims } from '../claims';
import type { JwtConfig } from '../config/JwtConfig';

/** Whether a store knows the session of a token, and so can end all its tokens at once. */
export function isInSession({ sid, gen }: JwtClaims): boolean {
  return typeof sid === 'string' && typeof gen === 'number';
}

/**
 * The family of the access token that follows another one: the jti of the first. Such tokens end together, because one
 * of them may have been made from a copy. Undefined for tokens that end with their session.
 */
export function familyOf(claims: JwtClaims): string | undefined {
  return isInSession(claims) ? undefined : (claimedFamily(claims) ?? claims.jti ?? undefined);
}

/** The claims as they are, and, for a token that has a family, with the jti of the first one in it. */
export function withFirstOfFamily(claims: JwtClaims): readonly JwtClaims[] {
  const family = claimedFamily(claims);
  return family === undefined ? [claims] : [claims, Object.freeze({ ...claims, jti: family })];
}

/** A request that was let in before a revocation may take so many seconds until its token is renewed. */
const RENEWAL_MARGIN = 60;

/**
 * Until when a token of the same family may live that exists now, in seconds since 1970: that of a refresh token or of
 * a session is `exp` itself. Undefined when it never ends.
 */
export function endOfFamily(claims: JwtClaims, config: JwtConfig): number | undefined {
  const { type, iat, exp } = claims;
  const { implicitRefreshWithin: within, accessTokenExpires: configured } = config;
  const mayHaveHeirs = type === 'access' && !isInSession(claims);
  if (exp === undefined || !mayHaveHeirs) return exp;
  if (within === false && claimedFamily(claims) === undefined) return exp;
  // Each lives for as long as the one that it follows, and no longer than configured; only the first may live longer.
  const longest = Math.max(exp - (iat ?? exp), Number(configured), Number(within));
  return Math.max(exp, Math.ceil(Date.now() / 1000) + longest + RENEWAL_MARGIN);
}

function claimedFamily({ family }: JwtClaims): string | undefined {
  return typeof family === 'string' ? family : undefined;
}
