import type { KeyObject } from 'node:crypto';
import { ALGORITHM_NAMES, type Algorithm } from './algorithms';
import type { Lifetime } from './lifetime';
import type { RevocationStore } from '../RevocationStore';
import { Option } from './option';
import * as kind from './optionKinds';

/** A secret (UTF-8 text or bytes), a PEM, or a KeyObject of node:crypto. */
export type KeyMaterial = string | Uint8Array | KeyObject;

/** One key of a ring. It is good for its own algorithm alone, whatever a token says (RFC 8725 §3.1). */
export interface JwtKey {
  /**
   * The name by which tokens refer to it (RFC 7515 §4.1.4). Default: for a key pair its thumbprint (RFC 7638); a
   * secret without one verifies tokens without a `kid`, and no others.
   */
  readonly kid?: string;
  /** Default: the option `algorithm`. */
  readonly algorithm?: Algorithm;
  readonly secretKey?: KeyMaterial;
  readonly privateKey?: KeyMaterial;
  readonly publicKey?: KeyMaterial;
}

/** Somebody else whose access tokens are accepted. Durations are in seconds. */
export interface JwtIssuer {
  /** What stands in `iss`, to the letter: many end with a slash. */
  readonly issuer: string;
  /** A token's `aud` must hold one of these. `false`: aud is not looked at, and tokens for others are accepted. */
  readonly audience: string | readonly string[] | false;
  /** Default: RS256. */
  readonly algorithms?: readonly Algorithm[];
  /** Where its keys are. Default: where `<issuer>/.well-known/openid-configuration` says (OIDC Discovery §4). */
  readonly jwksUri?: string;
  /** Its keys are fetched anew after so long. Default: 600. */
  readonly jwksMaxAge?: number;
  /**
   * Its keys are fetched no more often than this, whatever tokens claim; no longer than `jwksMaxAge`. After a fetch
   * that failed, 5 at most. Default: 30.
   */
  readonly jwksCooldown?: number;
  /** How long it may take to find and fetch them. Default: 5. */
  readonly jwksTimeout?: number;
}

export const TOKEN_LOCATIONS = ['headers', 'cookies', 'query_string', 'json'] as const;
/** Where in a request a token may ride. */
export type TokenLocation = (typeof TOKEN_LOCATIONS)[number];

/** Any class, however its constructor is injected. */
export type Constructor<T extends object = object> = new (...injected: never[]) => T;
export type AbstractConstructor<T extends object> = abstract new (...injected: never[]) => T;

/** Every option, its type, default and rule, each on one property. JwtConfig builds and checks it. */
export abstract class OptionTable {
  /** Signs new tokens; each token is verified with an algorithm of `decodeAlgorithms`. */
  @Option(kind.oneOf(ALGORITHM_NAMES))
  readonly algorithm: Algorithm = 'HS256';

  /** Accepted in tokens besides `algorithm`. All of one kind, symmetric or asymmetric. */
  @Option(kind.listOf(ALGORITHM_NAMES, 0))
  readonly decodeAlgorithms: readonly Algorithm[] = [];

  /** For HS*: signs and verifies. At least as many bytes as the hash has: 32, 48 or 64 (RFC 7518 §3.2). */
  @Option(kind.key)
  readonly secretKey?: KeyMaterial;

  /** For RS*, PS*, ES*, EdDSA: signs. A service that only verifies does without. */
  @Option(kind.key)
  readonly privateKey?: KeyMaterial;

  /** For RS*, PS*, ES*, EdDSA: verifies. Default: the public part of `privateKey`. */
  @Option(kind.key)
  readonly publicKey?: KeyMaterial;

  /** Several keys, instead of the three above: the first one signs, each verifies the tokens that name it. */
  @Option(kind.entries('keys', "{ kid: '2026', algorithm: 'EdDSA', privateKey }"))
  readonly keys?: readonly JwtKey[];

  /** Others whose access tokens are accepted, by the keys that they publish (RFC 7517). */
  @Option(
    kind.entries('issuers', "{ issuer: 'https://id.example.com', audience: 'https://api.example.com' }"),
  )
  readonly issuers?: readonly JwtIssuer[];

  /** How long an access token lives, in seconds or with a unit; `false` for ever. */
  @Option(kind.lifetime)
  readonly accessTokenExpires: Lifetime = 900;

  /** How long a refresh token lives, in seconds or with a unit; `false` for ever. */
  @Option(kind.lifetime)
  readonly refreshTokenExpires: Lifetime = 2_592_000;

  /** Seconds of clock difference forgiven in exp, nbf and iat; at most 600. */
  @Option(kind.leeway)
  readonly decodeLeeway: number = 0;

  /** A token's `aud` must hold one of these. `false`: aud is not looked at. Default: `encodeAudience`, and
   * without that a token that has an aud is refused (RFC 7519 §4.1.3). */
  @Option(kind.textOrListOrFalse)
  readonly decodeAudience?: string | readonly string[] | false;

  /** A token's `iss` must be one of these. */
  @Option(kind.textOrList)
  readonly decodeIssuer?: string | readonly string[];

  /** Put into new tokens as `aud`. */
  @Option(kind.textOrList)
  readonly encodeAudience?: string | readonly string[];

  /** Put into new tokens as `iss`. */
  @Option(kind.text)
  readonly encodeIssuer?: string;

  /** Whether new tokens get an `nbf`, the time they are made. */
  @Option(kind.flag)
  readonly encodeNbf: boolean = true;

  /** The claim that holds the identity. */
  @Option(kind.text)
  readonly identityClaim: string = 'sub';

  /** Whether `sub` and the identity must be strings (RFC 7519 §4.1.2). */
  @Option(kind.flag)
  readonly verifySub: boolean = true;

  /** `'access'` takes tokens without a `type` claim, such as another issuer's. Beware: then any JWT signed with
   * the same key, such as one from a password-reset mail, is an access token. */
  @Option(kind.oneOf(['access']))
  readonly defaultTokenType?: 'access';

  /** Where tokens are looked for, in this order; a decorator's `locations` overrides it. */
  @Option(kind.listOf(TOKEN_LOCATIONS))
  readonly tokenLocation: readonly TokenLocation[] = ['headers'];

  /** The header that carries the token. */
  @Option(kind.httpToken)
  readonly headerName: string = 'Authorization';

  /** The scheme before the token in the header; empty for none. */
  @Option(kind.httpTokenOrEmpty)
  readonly headerType: string = 'Bearer';

  /** The cookies that carry the tokens. A name with `__Host-` or `__Secure-` is held to what browsers ask of it. */
  @Option(kind.httpToken)
  readonly accessCookieName: string = 'access_token_cookie';
  @Option(kind.httpToken)
  readonly refreshCookieName: string = 'refresh_token_cookie';

  /** Where browsers send the cookies; the refresh token need go nowhere but to the refresh route. */
  @Option(kind.path)
  readonly accessCookiePath: string = '/';
  @Option(kind.path)
  readonly refreshCookiePath: string = '/';

  /** Default: the host that sets the cookies, and none of its subdomains. */
  @Option(kind.domain)
  readonly cookieDomain?: string;

  /** `None` lets other sites send the cookies, and needs `cookieSecure`. */
  @Option(kind.oneOf(['Lax', 'Strict', 'None']), 'COOKIE_SAMESITE')
  readonly cookieSameSite: 'Lax' | 'Strict' | 'None' = 'Lax';

  /** Whether the cookies go over HTTPS alone; browsers make an exception for http://localhost. */
  @Option(kind.flag)
  readonly cookieSecure: boolean = true;

  /** Whether the cookies end with the browser's session. `false`: with the token. */
  @Option(kind.flag)
  readonly sessionCookie: boolean = true;

  /** Whether tokens get a `csrf` claim, and requests with a cookie must show that they know it. */
  @Option(kind.flag)
  readonly cookieCsrfProtect: boolean = true;

  /** Whether the CSRF values are also set as cookies, for scripts of the same site to read. */
  @Option(kind.flag)
  readonly csrfInCookies: boolean = true;
  @Option(kind.httpToken)
  readonly accessCsrfCookieName: string = 'csrf_access_token';
  @Option(kind.httpToken)
  readonly refreshCsrfCookieName: string = 'csrf_refresh_token';
  @Option(kind.path)
  readonly accessCsrfCookiePath: string = '/';
  @Option(kind.path)
  readonly refreshCsrfCookiePath: string = '/';

  /** The header that sends the CSRF value back. */
  @Option(kind.httpToken)
  readonly accessCsrfHeaderName: string = 'X-CSRF-TOKEN';
  @Option(kind.httpToken)
  readonly refreshCsrfHeaderName: string = 'X-CSRF-TOKEN';

  /** Whether a form field may send the CSRF value, where the header does not. */
  @Option(kind.flag)
  readonly csrfCheckForm: boolean = false;
  @Option(kind.text)
  readonly accessCsrfFieldName: string = 'csrf_token';
  @Option(kind.text)
  readonly refreshCsrfFieldName: string = 'csrf_token';

  /** The methods that need a CSRF value. Default: all but GET, HEAD, OPTIONS and TRACE. */
  @Option(kind.httpTokens)
  readonly csrfMethods?: readonly string[];

  /**
   * Re-issues an access token cookie that ends within this time, on the way out of a request that it let in:
   * a visitor who stays active stays logged in. Default: never.
   */
  @Option(kind.lifetime)
  readonly implicitRefreshWithin: Lifetime = false;

  /** The query parameter that carries the token, and what stands before the token in it. */
  @Option(kind.text)
  readonly queryStringName: string = 'jwt';
  @Option(kind.anyText)
  readonly queryStringValuePrefix: string = '';

  /** The members of a JSON body that carry the tokens. */
  @Option(kind.text)
  readonly jsonKey: string = 'access_token';
  @Option(kind.text)
  readonly refreshJsonKey: string = 'refresh_token';

  /** How many tokens are remembered whose signature has held, so that it is not checked again. 0: none. */
  @Option(kind.count(1_000_000))
  readonly tokenCacheEntries: number = 10_000;

  /** How many bytes of memory they may take; an estimate. */
  @Option(kind.count(17_179_869_184))
  readonly tokenCacheBytes: number = 33_554_432;

  /** The claim that holds the role, or the list of roles, that `@Authorized('admin')` asks for. */
  @Option(kind.text)
  readonly rolesClaim: string = 'roles';

  /** The key of the message in JSON answers. */
  @Option(kind.text)
  readonly errorMessageKey: string = 'msg';

  /** Remembers who may no longer come in; or the class under which the container has the one that does. */
  @Option(kind.store)
  readonly revocationStore?: RevocationStore | AbstractConstructor<RevocationStore>;

  /** Seconds that the store has to answer, up to 60; then nobody is let in. */
  @Option(kind.seconds(0.01, 60))
  readonly storeTimeout: number = 1;

  /** `'allow'` lets tokens in that cannot be checked while the store is away, and logs each one. */
  @Option(kind.oneOf(['refuse', 'allow']))
  readonly onStoreFailure: 'refuse' | 'allow' = 'refuse';

  /** Seconds for which a refresh token that was rotated is still taken, up to 60, for tabs that refresh at once. */
  @Option(kind.seconds(0, 60))
  readonly rotationGrace: number = 10;

  /** The loader classes this manager asks. Default: all that are decorated as one. */
  @Option(kind.classes)
  readonly loaders?: readonly Constructor[];
}
