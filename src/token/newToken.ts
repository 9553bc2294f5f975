import { randomUUID } from 'node:crypto';
import { bare, RESERVED_CLAIMS, RESERVED_HEADERS, type JoseHeader, type JwtClaims } from '../claims';
import type { JwtConfig } from '../config/JwtConfig';
import { toSeconds, type Lifetime, type Seconds } from '../config/lifetime';
import { assertIdentity } from './assertIdentity';
import { assertJson } from './assertJson';
import { LATEST_DATE } from './checkClaims';
import type { SigningKey } from './SigningKey';

const TIMES = ['iat', 'nbf', 'exp'];

export type JsonObject = Readonly<Record<string, unknown>>;

/** What a new token shall say. */
export interface TokenRequest {
  readonly type: JwtClaims['type'];
  readonly identity: unknown;
  /** Where the identity came from, for messages. */
  readonly source: string;
  /** The claims of ours that are known already, such as `sid`. */
  readonly own: JsonObject;
  /** Undefined for a new value. */
  readonly csrf: string | undefined;
  readonly fresh: Lifetime | true;
  /** Undefined for the configured lifetime. */
  readonly expires: Lifetime | undefined;
  /** The token ends at this time at the latest, such as the end of its session. Seconds since 1970. */
  readonly latest: number | undefined;
  /** Later layers win. */
  readonly additionalClaims: readonly (JsonObject | undefined)[];
  readonly additionalHeaders: readonly (JsonObject | undefined)[];
}

/** A token that is not signed yet. */
export interface NewToken {
  readonly header: JoseHeader;
  readonly claims: JwtClaims;
}

/** The header and the claims of a new token. Throws TypeError for anything that a token cannot say. */
export function newToken(request: TokenRequest, key: SigningKey, config: JwtConfig): NewToken {
  return { header: newHeader(request, key), claims: newClaims(request, config) };
}

function newHeader({ additionalHeaders }: TokenRequest, { algorithm, kid }: SigningKey): JoseHeader {
  const reserved = [...RESERVED_HEADERS, '__proto__', ...(kid === undefined ? [] : ['kid'])];
  const additional = extraMembers(additionalHeaders, 'additionalHeaders', 'Header', reserved);
  if (additional['kid'] !== undefined && typeof additional['kid'] !== 'string') {
    throw new TypeError('Header kid must be a string');
  }
  return bare({ ...additional, alg: algorithm, typ: 'JWT', ...(kid !== undefined && { kid }) });
}

function newClaims(request: TokenRequest, config: JwtConfig): JwtClaims {
  const { type, identity, source } = request;
  const now = Math.floor(Date.now() / 1000);
  const expires = lifetimeOf(request, config);
  const reserved = [...RESERVED_CLAIMS, config.identityClaim];
  const additional = extraMembers(request.additionalClaims, 'additionalClaims', 'Claim', reserved);
  assertIdentity(identity, source, config);
  const claims: Record<string, unknown> = bare({
    fresh: type === 'access' ? freshness(request.fresh, now) : false,
    iat: now,
    jti: randomUUID(),
    type,
    [config.identityClaim]: identity,
    ...(config.encodeNbf && { nbf: now }),
    ...request.own,
    // No cookie carries a token for one purpose.
    ...(config.cookieCsrfProtect && type !== 'purpose' && { csrf: request.csrf ?? randomUUID() }),
    ...(expires !== false && { exp: now + expires }),
    ...(config.encodeIssuer !== undefined && { iss: config.encodeIssuer }),
    ...(config.encodeAudience !== undefined && { aud: config.encodeAudience }),
    ...additional,
  });
  for (const name of TIMES) assertTime(claims, name);
  assertNotDead(claims, now, config.decodeLeeway);
  assertTexts(claims['iss'], 'iss', false);
  assertTexts(claims['aud'], 'aud', true);
  // Last, because an additional exp must not let a token outlive its session either.
  if (request.latest !== undefined) {
    claims['exp'] = Math.min(Number(claims['exp'] ?? Infinity), request.latest);
  }
  return claims as unknown as JwtClaims;
}

/**
 * What a token hands down to the one that follows it: all that a new token does not get by itself. Where a claims
 * loader answers again, only what the log-in itself added, because that loader may have given the rest.
 */
export function keptClaims(payload: JwtClaims, config: JwtConfig, isLoaderAsked: boolean): JsonObject {
  const own = [...RESERVED_CLAIMS, config.identityClaim, ...TIMES];
  const named = isLoaderAsked ? namesIn(payload['kept']) : Object.keys(payload);
  return Object.fromEntries(
    named.flatMap((name) =>
      Object.hasOwn(payload, name) && !own.includes(name) ? [[name, payload[name]]] : [],
    ),
  );
}

/** The `kept` claim of a token for which a claims loader and the call itself gave claims. */
export function namesToKeep(additionalClaims: JsonObject): string[] {
  return Object.keys(defined(additionalClaims)).filter((name) => !TIMES.includes(name));
}

/** The names in a `kept` claim. */
export function namesIn(kept: unknown): string[] {
  return Array.isArray(kept) ? kept.filter((name) => typeof name === 'string') : [];
}

/** Of a token for one purpose, in seconds. Not as configured, because access tokens may live for long. */
const PURPOSE_EXPIRES = 900;

function lifetimeOf({ type, expires }: TokenRequest, config: JwtConfig): Seconds {
  if (type === 'purpose') return secondsOf(expires ?? PURPOSE_EXPIRES, 'expires');
  if (expires === undefined) {
    return type === 'access' ? config.accessTokenExpires : config.refreshTokenExpires;
  }
  return expires === false ? false : secondsOf(expires, 'expires');
}

function freshness(fresh: Lifetime | true, now: number): boolean | number {
  return typeof fresh === 'boolean' ? fresh : now + secondsOf(fresh, 'fresh');
}

const YEAR = 365 * 86_400;

function secondsOf(lifetime: Lifetime, name: string): number {
  const seconds = toSeconds(lifetime);
  // Nobody means a lifetime that is so nearly the seconds since 1970.
  if (Number(lifetime) > YEAR && Math.abs(Number(lifetime) - Date.now() / 1000) < YEAR) {
    throw new TypeError(`${name} must be a lifetime in seconds, and not the time when it ends`);
  }
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

/** Throws TypeError for a token that nobody would ever accept. Its `exp` is most likely a lifetime. */
function assertNotDead({ exp, iat, nbf }: Record<string, unknown>, now: number, leeway: number): void {
  if (exp === undefined) return;
  const starts = Object.entries({ now, iat, nbf });
  const dead = starts.find(([, start]) => start !== undefined && Number(exp) <= Number(start) - leeway);
  if (dead === undefined) return;
  throw new TypeError(
    `Claim exp must be later than ${dead[0]}: it is a time in seconds since 1970. For a lifetime, use the option expires`,
  );
}

/** Throws TypeError for values that this library would refuse in a token. */
function assertTexts(value: unknown, name: string, mayBeList: boolean): void {
  const texts = mayBeList && Array.isArray(value) ? (value as unknown[]) : [value];
  if (value === undefined || texts.every((text) => typeof text === 'string')) return;
  throw new TypeError(`Claim ${name} must be a string${mayBeList ? ' or a list of strings' : ''}`);
}

/**
 * What an application adds to a token. Later layers win; inputs are not mutated. Throws TypeError for members that are
 * not JSON, and for names that the library sets.
 */
function extraMembers(
  layers: readonly (JsonObject | undefined)[],
  source: string,
  kind: string,
  reserved: readonly string[],
): JsonObject {
  const given = layers.filter((layer) => layer != null);
  // Each by itself, because spreading makes a plain object of anything.
  for (const layer of given) assertJson(layer, source);
  const extra: JsonObject = bare(given.reduce((below, layer) => ({ ...below, ...defined(layer) }), {}));
  const taken = Object.keys(extra).find((name) => reserved.includes(name));
  if (taken === undefined) return extra;
  throw new TypeError(`${kind} ${taken} is set by the library and cannot be overridden`);
}

/** Without undefined members, as in JSON. An undefined `exp` must not make a token endless. */
function defined(layer: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(layer).filter(([, value]) => value !== undefined));
}
