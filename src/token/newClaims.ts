import { randomUUID } from 'node:crypto';
import { OWN_CLAIMS } from '../config/ownClaims';
import { toSeconds, type Lifetime } from '../config/lifetime';
import type { JwtConfig } from '../JwtConfig';
import type { JwtClaims, TokenType } from '../VerifiedToken';
import { LATEST_DATE } from './claims';
import { assertJson } from './assertJson';
import { merged, refuseNames, type Members } from './additional';

/** What is to stand in a new token. */
export interface TokenRequest {
  readonly type: TokenType;
  readonly identity: unknown;
  /** `jti`, `sid` and `gen`, where they are known beforehand. */
  readonly own: Members;
  readonly fresh: Lifetime | true;
  /** Undefined for the configured lifetime. */
  readonly expires: Lifetime | undefined;
  /** Seconds since 1970 that the token may not outlive, such as the end of its session. */
  readonly latest: number | undefined;
  /** Of these each wins over those before it. */
  readonly additionalClaims: readonly (Members | undefined)[];
}

/** The claims of a new token. Throws TypeError for what cannot stand in one. */
export function newClaims(request: TokenRequest, config: JwtConfig): JwtClaims {
  const { type, identity } = request;
  const now = Math.floor(Date.now() / 1000);
  const expires = lifetimeOf(request, config);
  const reserved = [...OWN_CLAIMS, config.identityClaim];
  const additionalClaims = merged(request.additionalClaims, 'additionalClaims');
  refuseNames(additionalClaims, reserved, 'Claim');
  assertIdentity(identity, config);
  const claims: Record<string, unknown> = {
    fresh: type === 'access' ? freshness(request.fresh, now) : false,
    iat: now,
    jti: randomUUID(),
    type,
    [config.identityClaim]: identity,
    ...(config.encodeNbf && { nbf: now }),
    ...request.own,
    ...(config.cookieCsrfProtect && { csrf: randomUUID() }),
    ...(expires !== false && { exp: now + expires }),
    ...(config.encodeIssuer !== undefined && { iss: config.encodeIssuer }),
    ...(config.encodeAudience !== undefined && { aud: config.encodeAudience }),
    ...additionalClaims,
  };
  for (const name of ['iat', 'nbf', 'exp']) assertTime(claims, name);
  assertTexts(claims['iss'], 'iss', false);
  assertTexts(claims['aud'], 'aud', true);
  // Last, for an additional exp must not let a token outlive its session either.
  if (request.latest !== undefined)
    claims['exp'] = Math.min(Number(claims['exp'] ?? Infinity), request.latest);
  return claims as unknown as JwtClaims;
}

/** The claims of a token that the log-in added: all but those that a new token gets of its own. */
export function keptClaims(payload: JwtClaims, config: JwtConfig): Members {
  const own = [...OWN_CLAIMS, config.identityClaim, 'iat', 'nbf', 'exp'];
  return Object.fromEntries(Object.entries(payload).filter(([name]) => !own.includes(name)));
}

function assertIdentity(identity: unknown, { verifySub, identityClaim }: JwtConfig): void {
  if (!verifySub && identity !== undefined && identity !== null) {
    assertJson({ identity }, identityClaim);
  } else if (typeof identity !== 'string' || identity === '') {
    throw new TypeError(
      'The identity of a token must be a non-empty string: pass String(user.id), or let a @UserIdentityLoader() make one of the user',
    );
  }
}

function lifetimeOf({ type, expires }: TokenRequest, config: JwtConfig): number | false {
  if (expires === false) return false;
  if (expires === undefined) {
    // Normalised to seconds or false when the configuration was built.
    return (type === 'access' ? config.accessTokenExpires : config.refreshTokenExpires) as number | false;
  }
  return secondsOf(expires, 'expires');
}

function freshness(fresh: Lifetime | true, now: number): boolean | number {
  return typeof fresh === 'boolean' ? fresh : now + secondsOf(fresh, 'fresh');
}

function secondsOf(lifetime: Lifetime, name: string): number {
  const seconds = toSeconds(lifetime);
  if (seconds !== undefined) return seconds;
  throw new TypeError(
    `${name} must be a positive whole number of seconds, or a string with a unit such as "15m"`,
  );
}

function assertTime(claims: Record<string, unknown>, name: string): void {
  const value = claims[name];
  if (value === undefined || (typeof value === 'number' && value >= 0 && value <= LATEST_DATE)) return;
  throw new TypeError(`Claim ${name} must be a number of seconds since 1970`);
}

/** What this library would refuse in a token it does not make. */
function assertTexts(value: unknown, name: string, mayBeList: boolean): void {
  const texts = mayBeList && Array.isArray(value) ? (value as unknown[]) : [value];
  if (value === undefined || texts.every((text) => typeof text === 'string')) return;
  throw new TypeError(`Claim ${name} must be a string${mayBeList ? ' or a list of strings' : ''}`);
}
