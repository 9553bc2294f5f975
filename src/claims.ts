/** The claims of a token (RFC 7519 §4). Frozen, with everything in them. */
export interface JwtClaims {
  /** The identity, unless `identityClaim` names another claim. */
  readonly sub?: string;
  readonly iss?: string;
  readonly aud?: string | readonly string[];
  /** Seconds since 1970, as `nbf` and `iat` are. Absent on a token that never expires. */
  readonly exp?: number;
  readonly nbf?: number;
  readonly iat?: number;
  /** `null` when a token of another issuer has none. */
  readonly jti: string | null;
  /** `purpose`: only for the purpose that the claim of this name has. */
  readonly type: TokenType | 'purpose';
  /** `true`, `false`, or the time in seconds since 1970 until which the token is fresh. */
  readonly fresh: boolean | number;
  readonly csrf?: string;
  /** Of a token made by createToken. */
  readonly purpose?: string;
  readonly [claim: string]: unknown;
}

/** The header of a token (RFC 7515 §4). */
export interface JoseHeader {
  readonly alg: string;
  readonly typ?: string;
  readonly kid?: string;
  readonly [parameter: string]: unknown;
}

export const TOKEN_TYPES = ['access', 'refresh'] as const;
/** What a token is for: an access token opens protected routes, a refresh token gets a new access token. */
export type TokenType = (typeof TOKEN_TYPES)[number];

/** A token whose signature and claims have been verified. Only its expiry is still open. */
export interface VerifiedToken {
  readonly header: JoseHeader;
  readonly payload: JwtClaims;
  /** The value of the identity claim: a string, unless `verifySub` is off. */
  readonly identity: unknown;
}

/**
 * The claims to which this library gives a meaning. Additional claims cannot set them: with them, an application
 * that lets users name claims would let them make a refresh token an access token, or somebody else's (CWE-915).
 */
export const RESERVED_CLAIMS = [
  'sub',
  'type',
  'jti',
  'fresh',
  'csrf',
  'purpose',
  'sid',
  'gen',
  // The end of its log-in, in seconds since 1970, on an access token that an implicit refresh may follow.
  'until',
  // The jti of the first token, on tokens that implicit refreshes made of a token that no store has in a session.
  'family',
  // The names of the additional claims that the log-in itself gave, where a user claims loader gave others.
  'kept',
];

/** The claims of RFC 7519 that an application may set. Every new token gets its own. */
export const REGISTERED_CLAIMS = ['iss', 'aud', 'exp', 'nbf', 'iat'];

// crit: no extension is implemented here, so none can be called critical (RFC 7515 §4.1.11). b64: RFC 7797 §6.
// cty, zip, enc: nested, compressed and encrypted tokens (RFC 7519 §5.2).
export const UNSUPPORTED_HEADERS = ['crit', 'b64', 'cty', 'zip', 'enc'];

/** The headers that additional headers cannot set, because they decide how a token is verified (RFC 8725 §3.1). */
export const RESERVED_HEADERS = ['alg', 'typ', ...UNSUPPORTED_HEADERS];

/** Begins the text of an identity that is no string, and of one that begins like that. */
const JSON_MARK = 'json:';

/**
 * The text by which stores know an identity: different for different identities, and the same however the members of
 * an object are ordered. With `verifySub: false` an identity may be any JSON value.
 */
export function identityText(identity: unknown): string {
  if (typeof identity === 'string' && !identity.startsWith(JSON_MARK)) return identity;
  return JSON_MARK + sortedJson(identity);
}

function sortedJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(sortedJson).join()}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${sortedJson(member)}`).join()}}`;
}

/**
 * A copy with the members of an object alone. Everything that decides is read from such copies, from instances of
 * classes, or from literals that have each member: a polluted Object.prototype would add what is absent.
 */
export function bare<Members extends object>(members: Members): Members {
  return Object.assign(new Bare() as Members, members);
}

/** What bare objects inherit from: nothing. */
export const NOTHING: object = Object.freeze(Object.create(null) as object);

/** V8 makes objects of a constructor as fast as literals, and those of Object.create(null) several times slower. */
const Bare = function () {
  // Nothing of its own.
} as unknown as new () => object;
Bare.prototype = NOTHING;

/** No options for a call of lru-cache, not even inherited ones. It is not frozen, because lru-cache writes to it. */
export const NO_OPTIONS = bare({});
