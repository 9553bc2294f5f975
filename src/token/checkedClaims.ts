import { InvalidTokenError } from '../errors';
import type { JwtConfig } from '../JwtConfig';
import type { JwtClaims, TokenType } from '../VerifiedToken';
import type { ClaimRules } from './Trust';

/** The end of year 9999: what is later was meant in milliseconds, or never to end. */
export const LATEST_DATE = 253_402_300_799;

/**
 * The claims of a token whose signature has held. Checks each in the order of PyJWT, but leaves it to hasExpired to
 * say whether `exp` has passed. A missing `fresh` reads as false and a missing `jti` as null. Throws InvalidTokenError.
 */
export function checkedClaims(claims: Record<string, unknown>, rules: ClaimRules): JwtClaims {
  const own = (name: string): unknown => (Object.hasOwn(claims, name) ? claims[name] : undefined);
  const now = Date.now() / 1000;
  checkTime(own('iat'), 'iat', now + rules.decodeLeeway);
  checkTime(own('nbf'), 'nbf', now + rules.decodeLeeway);
  checkTime(own('exp'), 'exp', Infinity);
  checkIssuer(own('iss'), rules.decodeIssuer);
  checkAudience(own('aud'), rules.decodeAudience);
  if (rules.verifySub) checkSubject(own('sub'));
  checkJti(own('jti'));
  checkIdentity(own(rules.identityClaim), rules);
  const type = tokenType(own('type'), rules);
  return {
    ...claims,
    type,
    fresh: (own('fresh') ?? false) as boolean,
    jti: (own('jti') ?? null) as string | null,
  };
}

/** Whether `exp` has passed, which `exp == now` has. A token without never expires. */
export function hasExpired({ exp }: JwtClaims, config: JwtConfig): boolean {
  return exp !== undefined && exp <= Date.now() / 1000 - config.decodeLeeway;
}

/** Fresh for ever, or until a time that has not come; anything else is not, be it truthy or not. */
export function isFresh({ fresh }: JwtClaims): boolean {
  return fresh === true || (typeof fresh === 'number' && fresh > Date.now() / 1000);
}

function checkTime(value: unknown, name: string, latest: number): void {
  if (value === undefined) return;
  if (typeof value !== 'number' || !(value >= 0 && value <= LATEST_DATE)) {
    throw new InvalidTokenError(`Claim ${name} must be a number of seconds`);
  }
  if (value > latest) throw new InvalidTokenError(`The token is not yet valid (${name})`);
}

function checkIssuer(iss: unknown, allowed: ClaimRules['decodeIssuer']): void {
  if (iss !== undefined && typeof iss !== 'string') throw new InvalidTokenError('Claim iss must be a string');
  if (allowed === undefined) return;
  if (iss === undefined) throw new InvalidTokenError('Missing claim: iss');
  if (!listed(allowed).includes(iss)) throw new InvalidTokenError('Invalid issuer');
}

function checkAudience(aud: unknown, allowed: ClaimRules['decodeAudience']): void {
  if (allowed === false) return;
  if (allowed === undefined) {
    // RFC 7519 §4.1.3: whoever does not find itself in there must refuse the token.
    if (aud !== undefined) throw new InvalidTokenError('Invalid audience');
    return;
  }
  if (aud === undefined) throw new InvalidTokenError('Missing claim: aud');
  const audiences = typeof aud === 'string' ? [aud] : aud;
  if (!Array.isArray(audiences) || !audiences.every((entry) => typeof entry === 'string')) {
    throw new InvalidTokenError('Claim aud must be a string or a list of strings');
  }
  if (!listed(allowed).some((entry) => audiences.includes(entry)))
    throw new InvalidTokenError('Invalid audience');
}

function checkSubject(sub: unknown): void {
  if (sub !== undefined && (typeof sub !== 'string' || sub === '')) {
    throw new InvalidTokenError('Subject must be a string');
  }
}

/** A jti is what revocation remembers, so it is kept to a length that a store can hold. */
const LONGEST_JTI = 256;

function checkJti(jti: unknown): void {
  if (jti !== undefined && (typeof jti !== 'string' || jti === '' || jti.length > LONGEST_JTI)) {
    throw new InvalidTokenError('JWT ID must be a string');
  }
}

function checkIdentity(identity: unknown, { identityClaim, verifySub }: ClaimRules): void {
  if (identity === undefined || identity === null)
    throw new InvalidTokenError(`Missing claim: ${identityClaim}`);
  if (verifySub && (typeof identity !== 'string' || identity === '')) {
    throw new InvalidTokenError(`Claim ${identityClaim} must be a string`);
  }
}

function tokenType(type: unknown, { defaultTokenType, tokenTypes }: ClaimRules): TokenType {
  if (type === undefined) {
    if (defaultTokenType === undefined) throw new InvalidTokenError('Missing claim: type');
    return defaultTokenType;
  }
  if (!tokenTypes.some((known) => known === type))
    throw new InvalidTokenError(`Claim type must be ${tokenTypes.join(' or ')}`);
  return type as TokenType;
}

function listed(entries: string | readonly string[]): readonly string[] {
  return typeof entries === 'string' ? [entries] : entries;
}
