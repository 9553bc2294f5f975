import { TOKEN_TYPES, type JwtClaims, type TokenType } from '../claims';
import type { JwtConfig } from '../config/JwtConfig';
import { InvalidTokenError } from '../errors';
import type { ClaimRules } from './Trust';

/** The end of the year 9999. A later time was meant in milliseconds, or as no end. */
export const LATEST_DATE = 253_402_300_799;

/**
 * Servers of one application differ by a second or so. A token from a clock that is so many seconds ahead is accepted;
 * `exp` stays exact.
 */
const MAX_CLOCK_LEAD = 5;

/**
 * Checks each claim of a token whose signature was verified, in the order of PyJWT. hasExpired checks whether `exp`
 * has passed. Throws InvalidTokenError.
 */
export function checkClaims(claims: Readonly<Record<string, unknown>>, rules: ClaimRules): void {
  const latest = Date.now() / 1000 + Math.max(rules.decodeLeeway, MAX_CLOCK_LEAD);
  checkTime(own(claims, 'iat'), 'iat', latest);
  checkTime(own(claims, 'nbf'), 'nbf', latest);
  checkTime(own(claims, 'exp'), 'exp', Infinity);
  if (rules.needsExpiry && own(claims, 'exp') === undefined) {
    throw new InvalidTokenError('Missing claim: exp');
  }
  checkIssuer(own(claims, 'iss'), rules.decodeIssuer);
  checkAudience(own(claims, 'aud'), rules.decodeAudience);
  if (rules.verifySub) checkSubject(own(claims, 'sub'));
  checkJti(own(claims, 'jti'));
  checkIdentity(own(claims, rules.identityClaim), rules);
  checkTokenType(own(claims, 'type'), claims, rules);
}

/**
 * Checked claims with defaults for missing ones: `type` as configured, `fresh` false, `jti` null. A `type` that is
 * another issuer's word for it becomes `access`.
 */
export function withDefaults(claims: Readonly<Record<string, unknown>>, rules: ClaimRules): JwtClaims {
  const type = own(claims, 'type');
  // A token for one purpose must never become an access token.
  const isOurs =
    TOKEN_TYPES.includes(type as TokenType) || (type === 'purpose' && rules.hasPurposes === true);
  const isForeign = type !== undefined && !isOurs;
  if (!isForeign && DEFAULTED.every((name) => Object.hasOwn(claims, name))) return claims as JwtClaims;
  const defaults = { type: rules.defaultTokenType, fresh: false, jti: null };
  const complete = { ...defaults, ...claims, ...(isForeign && { type: 'access' }) };
  // As parseJsonObject makes them: applications see it.
  return Object.freeze(Object.setPrototypeOf(complete, null)) as JwtClaims;
}

const DEFAULTED = ['type', 'fresh', 'jti'];

/** A claim of the token itself, not an inherited property. */
function own(claims: Readonly<Record<string, unknown>>, name: string): unknown {
  return Object.hasOwn(claims, name) ? claims[name] : undefined;
}

/** Whether `exp` has passed; `exp == now` has. A token without `exp` never expires. */
export function hasExpired({ exp }: JwtClaims, config: JwtConfig): boolean {
  return exp !== undefined && exp <= Date.now() / 1000 - config.decodeLeeway;
}

/** Whether `fresh` is true or a time in the future. Nothing else is fresh; a time in milliseconds neither. */
export function isFresh({ fresh }: JwtClaims): boolean {
  return fresh === true || (typeof fresh === 'number' && fresh > Date.now() / 1000 && fresh <= LATEST_DATE);
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
    // RFC 7519 §4.1.3: a recipient that is not among the audience must refuse the token.
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
  if (sub === '') throw new InvalidTokenError('Subject must not be empty');
  if (sub !== undefined && typeof sub !== 'string') throw new InvalidTokenError('Subject must be a string');
}

/** Revocation stores keep jtis, so their length is bounded. */
const MAX_JTI_LENGTH = 256;

function checkJti(jti: unknown): void {
  if (jti !== undefined && (typeof jti !== 'string' || jti === '' || jti.length > MAX_JTI_LENGTH)) {
    throw new InvalidTokenError('JWT ID must be a string');
  }
}

function checkIdentity(identity: unknown, { identityClaim, verifySub }: ClaimRules): void {
  if (identity === undefined || identity === null)
    throw new InvalidTokenError(`Missing claim: ${identityClaim}`);
  if (!verifySub) return;
  if (identity === '') throw new InvalidTokenError(`Claim ${identityClaim} must not be empty`);
  if (typeof identity !== 'string') throw new InvalidTokenError(`Claim ${identityClaim} must be a string`);
}

function checkTokenType(
  type: unknown,
  claims: Readonly<Record<string, unknown>>,
  { defaultTokenType, tokenTypes, hasPurposes }: ClaimRules,
): void {
  if (type === undefined) {
    if (defaultTokenType === undefined) throw new InvalidTokenError('Missing claim: type');
  } else if (type === 'purpose' && hasPurposes === true) {
    checkPurpose(claims);
  } else if (!tokenTypes.includes(type as string)) {
    throw new InvalidTokenError(`Claim type must be ${tokenTypes.join(' or ')}`);
  }
}

/** Nobody logs in with such a token, so nobody logs out: only its end bounds what a copy can do. */
function checkPurpose(claims: Readonly<Record<string, unknown>>): void {
  const purpose = own(claims, 'purpose');
  if (typeof purpose !== 'string' || purpose === '') throw new InvalidTokenError('Missing claim: purpose');
  if (own(claims, 'exp') === undefined) throw new InvalidTokenError('Missing claim: exp');
}

function listed(entries: string | readonly string[]): readonly string[] {
  return typeof entries === 'string' ? [entries] : entries;
}
