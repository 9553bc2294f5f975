import { randomUUID, type KeyObject } from 'node:crypto';
import jwt from 'jsonwebtoken';
import { toSeconds, type Lifetime } from '../config/lifetime';
import type { JwtConfig } from '../JwtConfig';
import type { JwtClaims, TokenType } from '../VerifiedToken';
import { LATEST_DATE } from './checkedClaims';
import { assertJson } from './assertJson';

/** What is to stand in a new token. */
export interface TokenRequest {
  readonly type: TokenType;
  readonly identity: unknown;
  readonly fresh: Lifetime | true;
  /** Undefined for the configured lifetime. */
  readonly expires: Lifetime | undefined;
  /** Of these each wins over those before it. */
  readonly additionalClaims: readonly (Members | undefined)[];
  readonly additionalHeaders: readonly (Members | undefined)[];
}

type Members = Readonly<Record<string, unknown>>;

/** Makes and signs a token. Throws TypeError for what cannot stand in one, before anything is signed. */
export function issueToken(request: TokenRequest, key: KeyObject, config: JwtConfig): string {
  const payload = claimsOf(request, config);
  const additionalHeaders = merged(request.additionalHeaders, 'additionalHeaders');
  refuseNames(additionalHeaders, RESERVED_HEADERS, 'Header');
  const header = { ...additionalHeaders, alg: config.algorithm, typ: 'JWT' };
  // As text, for jsonwebtoken refuses an object with members such as `constructor`. The spread above keeps
  // a member named __proto__; what jsonwebtoken does with its header would not, so that one is reserved.
  return jwt.sign(JSON.stringify(payload), key, { algorithm: config.algorithm, header });
}

function claimsOf(request: TokenRequest, config: JwtConfig): Record<string, unknown> {
  const { type, identity } = request;
  const now = Math.floor(Date.now() / 1000);
  const expires = lifetimeOf(request, config);
  const reserved = [...RESERVED_CLAIMS, config.identityClaim];
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
    ...(config.cookieCsrfProtect && { csrf: randomUUID() }),
    ...(expires !== false && { exp: now + expires }),
    ...(config.encodeIssuer !== undefined && { iss: config.encodeIssuer }),
    ...(config.encodeAudience !== undefined && { aud: config.encodeAudience }),
    ...additionalClaims,
  };
  for (const name of ['iat', 'nbf', 'exp']) assertTime(claims, name);
  return claims;
}

// Claims that this library gives a meaning to: were they open to additional claims, whoever gets to name those
// could make a refresh token an access token, or somebody else's (CWE-915). RFC 8725 §3.1 for the headers.
const RESERVED_CLAIMS = ['sub', 'type', 'jti', 'fresh', 'csrf', 'sid'];
const RESERVED_HEADERS = ['alg', 'typ', 'crit', 'b64', '__proto__'];

/** None is changed. Each is checked by itself, for spreading makes a plain object of anything. */
function merged(layers: readonly (Members | undefined)[], name: string): Members {
  const given = layers.filter((members) => members != null);
  for (const members of given) assertJson(members, name);
  return given.reduce((below, members) => ({ ...below, ...members }), {});
}

/** The claims of a token that the log-in added: all but those that a new token gets of its own. */
export function keptClaims(payload: JwtClaims, config: JwtConfig): Members {
  const own = [...RESERVED_CLAIMS, config.identityClaim, 'iat', 'nbf', 'exp', 'iss', 'aud'];
  return Object.fromEntries(Object.entries(payload).filter(([name]) => !own.includes(name)));
}

function refuseNames(additional: object, reserved: readonly string[], what: string): void {
  const taken = Object.keys(additional).find((name) => reserved.includes(name));
  if (taken !== undefined)
    throw new TypeError(`${what} ${taken} is set by the library and cannot be overridden`);
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
