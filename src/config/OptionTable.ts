import { ALGORITHM_NAMES, type Algorithm } from './algorithms';
import type { AbstractConstructor, Constructor } from './Constructor';
import { jwtIssuers, type JwtIssuer } from './JwtIssuer';
import { jwtKeys, type JwtKey, type KeyMaterial } from './JwtKey';
import type { Seconds } from './lifetime';
import type { RevocationStore } from '../store/RevocationStore';
import { Option } from './option';
import * as kind from './optionKinds';

export const TOKEN_LOCATIONS = ['headers', 'cookies', 'query_string', 'json'] as const;
/** A place in a request where a token may be. */
export type TokenLocation = (typeof TOKEN_LOCATIONS)[number];

/** Every option with its type, default and rule, on one property each. JwtConfig checks and parses them. */
export abstract class OptionTable {
  /** Signs new tokens; each token is verified with an algorithm of `decodeAlgorithms`. */
  @Option(kind.oneOf(ALGORITHM_NAMES))
  readonly algorithm: Algorithm = 'HS256';

  /** Accepted in tokens besides `algorithm`. All symmetric, or all asymmetric. */
  @Option(kind.listOf(ALGORITHM_NAMES, 0))
  readonly decodeAlgorithms: readonly Algorithm[] = [];

  /** For HS*: signs and verifies. At least as many bytes as the hash has: 32, 48 or 64 (RFC 7518 §3.2). */
  @Option(kind.key)
  readonly secretKey?: KeyMaterial;

  /** For RS*, PS*, ES*, EdDSA: signs. A service that only verifies needs none. */
  @Option(kind.key)
  readonly privateKey?: KeyMaterial;

  /** For RS*, PS*, ES*, EdDSA: verifies. Default: the public part of `privateKey`. */
  @Option(kind.key)
  readonly publicKey?: KeyMaterial;

  /** Several keys instead of the three above. The first signs, each verifies the tokens that name it. */
  @Option(jwtKeys)
  readonly keys?: readonly JwtKey[];

  /** Other issuers whose access tokens are accepted, verified by the keys that they publish (RFC 7517). */
  @Option(jwtIssuers)
  readonly issuers?: readonly JwtIssuer[];

  /** The lifetime of an access token, in seconds or with a unit. `false`: it never expires. */
  @Option(kind.lifetime)
  readonly accessTokenExpires: Seconds = 900;

  /** The lifetime of a refresh token, in seconds or with a unit. `false`: it never expires. */
  @Option(kind.lifetime)
  readonly refreshTokenExpires: Seconds = 2_592_000;

  /** The clock difference that is accepted in exp, nbf and iat, in seconds; at most 600. */
  @Option(kind.leeway)
  readonly decodeLeeway: number = 0;

  /**
   * A token's `aud` must hold one of these. `false`: aud is not checked. Default: `encodeAudience`; without that a
   * token with an aud is refused (RFC 7519 §4.1.3).
   */
  @Option(kind.textOrListOrFalse)
  readonly decodeAudience?: string | readonly string[] | false;

  /** A token's `iss` must be one of these. */
  @Option(kind.textOrList)
  readonly decodeIssuer?: string | readonly string[];

  /** The `aud` of new tokens. */
  @Option(kind.textOrList)
  readonly encodeAudience?: string | readonly string[];

  /** The `iss` of new tokens. */
  @Option(kind.text)
  readonly encodeIssuer?: string;

  /** Whether new tokens get an `nbf`: the time at which they are made. */
  @Option(kind.flag)
  readonly encodeNbf: boolean = true;

  /** The claim that holds the identity. */
  @Option(kind.text)
  readonly identityClaim: string = 'sub';

  /** Whether `sub` and the identity must be strings (RFC 7519 §4.1.2). */
  @Option(kind.flag)
  readonly verifySub: boolean = true;

  /**
   * `'access'` accepts tokens without a `type` claim, such as another issuer's. Beware: then any JWT signed with the
   * same key, such as one from a password-reset mail, is an access token.
   */
  @Option(kind.oneOf(['access']))
  readonly defaultTokenType?: 'access';

  /** Where to look for tokens, in this order. `locations` of a decorator overrides it. */
  @Option(kind.listOf(TOKEN_LOCATIONS))
  readonly tokenLocation: readonly TokenLocation[] = ['headers'];

  /** The header that carries the token. */
  @Option(kind.httpToken)
  readonly headerName: string = 'Authorization';

  /** The scheme before the token in the header. Empty: none. */
  @Option(kind.httpTokenOrEmpty)
  readonly headerType: string = 'Bearer';

  /** The cookie that carries the access token. With `__Host-` or `__Secure-` the other options must fit that prefix. */
  @Option(kind.httpToken)
  readonly accessCookieName: string = 'access_token_cookie';

  /** The cookie that carries the refresh token. */
  @Option(kind.httpToken)
  readonly refreshCookieName: string = 'refresh_token_cookie';

  /** The path to which browsers send the access cookie. */
  @Option(kind.path)
  readonly accessCookiePath: string = '/';

  /** The path to which browsers send the refresh cookie. It is needed on the refresh route only. */
  @Option(kind.path)
  readonly refreshCookiePath: string = '/';

  /** Default: the host that sets the cookies, without its subdomains. */
  @Option(kind.domain)
  readonly cookieDomain?: string;

  /** With `None`, requests from other sites carry the cookies too. It needs `cookieSecure`. */
  @Option(kind.oneOf(['Lax', 'Strict', 'None']), 'COOKIE_SAMESITE')
  readonly cookieSameSite: 'Lax' | 'Strict' | 'None' = 'Lax';

  /** Whether browsers send the cookies over HTTPS only. They make an exception for http://localhost. */
  @Option(kind.flag)
  readonly cookieSecure: boolean = true;

  /** Whether the cookies end with the session of the browser. `false`: a day after the log-in can be refreshed last. */
  @Option(kind.flag)
  readonly sessionCookie: boolean = true;

  /** Whether tokens get a `csrf` claim, whose value requests with a cookie must send as well. */
  @Option(kind.flag)
  readonly cookieCsrfProtect: boolean = true;

  /** Whether the CSRF values are also set as cookies, which scripts of the same site can read. */
  @Option(kind.flag)
  readonly csrfInCookies: boolean = true;

  /** The cookie with the CSRF value of the access token. */
  @Option(kind.httpToken)
  readonly accessCsrfCookieName: string = 'csrf_access_token';

  /** The cookie with the CSRF value of the refresh token. */
  @Option(kind.httpToken)
  readonly refreshCsrfCookieName: string = 'csrf_refresh_token';

  /** The path below which scripts see the CSRF cookie of the access token. */
  @Option(kind.path)
  readonly accessCsrfCookiePath: string = '/';

  /** The path below which scripts see the CSRF cookie of the refresh token. */
  @Option(kind.path)
  readonly refreshCsrfCookiePath: string = '/';

  /** The header that sends the CSRF value of the access cookie back. */
  @Option(kind.httpToken)
  readonly accessCsrfHeaderName: string = 'X-CSRF-TOKEN';

  /** The header that sends the CSRF value of the refresh cookie back. */
  @Option(kind.httpToken)
  readonly refreshCsrfHeaderName: string = 'X-CSRF-TOKEN';

  /** Whether a form field may send the CSRF value when the header does not. */
  @Option(kind.flag)
  readonly csrfCheckForm: boolean = false;

  /** The form field that sends the CSRF value of the access cookie. */
  @Option(kind.text)
  readonly accessCsrfFieldName: string = 'csrf_token';

  /** The form field that sends the CSRF value of the refresh cookie. */
  @Option(kind.text)
  readonly refreshCsrfFieldName: string = 'csrf_token';

  /** The methods that need a CSRF value. Default: all except GET, HEAD, OPTIONS and TRACE. */
  @Option(kind.httpTokens)
  readonly csrfMethods?: readonly string[];

  /**
   * Renews an access token cookie that ends within this time, after a request that it let in. So an active visitor
   * stays logged in. Default: never.
   */
  @Option(kind.lifetime)
  readonly implicitRefreshWithin: Seconds = false;

  /** The query parameter that carries the token. */
  @Option(kind.text)
  readonly queryStringName: string = 'jwt';

  /** The text before the token in the query parameter. */
  @Option(kind.anyText)
  readonly queryStringValuePrefix: string = '';

  /** The member of a JSON body that carries the access token. */
  @Option(kind.text)
  readonly jsonKey: string = 'access_token';

  /** The member of a JSON body that carries the refresh token. */
  @Option(kind.text)
  readonly refreshJsonKey: string = 'refresh_token';

  /** How many verified tokens are cached, so that their signatures are not verified again. 0: none. */
  @Option(kind.count(1_000_000))
  readonly tokenCacheEntries: number = 10_000;

  /** How many bytes of memory the cached tokens may take, as an estimate. */
  @Option(kind.count(17_179_869_184))
  readonly tokenCacheBytes: number = 33_554_432;

  /** The claim that `@Authorized('admin')` reads: a role or a list of roles. */
  @Option(kind.text)
  readonly rolesClaim: string = 'roles';

  /** The key of the message in JSON answers. */
  @Option(kind.text)
  readonly errorMessageKey: string = 'msg';

  /** Whether guards throw refusals, for the application's own error middleware, instead of answering them. */
  @Option(kind.flag)
  readonly throwRefusals: boolean = false;

  /** Remembers which tokens were revoked: a store, or the class under which the container has one. */
  @Option(kind.store)
  readonly revocationStore?: RevocationStore | AbstractConstructor<RevocationStore>;

  /** The time limit of a call to the store, in seconds; at most 60. When it is over, nobody gets in. */
  @Option(kind.seconds(0.01, 60))
  readonly storeTimeout: number = 1;

  /** `'allow'` accepts tokens that cannot be checked because the store fails, and logs each one. */
  @Option(kind.oneOf(['refuse', 'allow']))
  readonly onStoreFailure: 'refuse' | 'allow' = 'refuse';

  /** Seconds during which a rotated refresh token is still accepted, for tabs that refresh at once; at most 60. */
  @Option(kind.seconds(0, 60))
  readonly rotationGrace: number = 10;

  /** How many sessions an identity may have: when one more starts, the oldest ends. `false`: any number. */
  @Option(kind.countOrFalse(1, 1_000_000))
  readonly maxSessions: number | false = false;

  /** The loader classes that this manager asks. Default: all classes with a loader decorator. */
  @Option(kind.classes)
  readonly loaders?: readonly Constructor[];
}
