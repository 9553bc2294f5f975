import type { Context } from 'koa';
import { Authenticator } from './Authenticator';
import type { Lifetime } from './config/lifetime';
import { ExpiredTokenError, InvalidTokenError, JwtConfigurationError, JwtError } from './errors';
import { JwtConfig, type JwtOptions } from './JwtConfig';
import { answerRefusal } from './loader/answerRefusal';
import { JwtKeys } from './loader/JwtKeys';
import { Loaders } from './loader/Loaders';
import { isRefreshDue, settleAccessCookie } from './request/implicitRefresh';
import type { JwtState } from './request/JwtState';
import { policyFrom, type GuardOptions, type Policy } from './request/Policy';
import { setTokenCookies, unsetTokenCookies, type CookieOptions } from './request/tokenCookies';
import { checkCsrf } from './token/checkCsrf';
import { hasExpired } from './token/checkedClaims';
import { parseCompact } from './token/compact';
import { issueToken, keptClaims } from './token/issueToken';
import type { JoseHeader, JwtClaims, TokenType } from './VerifiedToken';

/** What a new token may have of its own. */
export interface RefreshTokenOptions {
  /** How long it lives, in seconds or with a unit; `false` for ever. Default: as configured. */
  readonly expires?: Lifetime | undefined;
  /** Win over those of the user claims loader. May override iat, nbf, exp, iss and aud, and no other of ours. */
  readonly additionalClaims?: Readonly<Record<string, unknown>> | undefined;
  /** Win over those of the additional headers loader. */
  readonly additionalHeaders?: Readonly<Record<string, unknown>> | undefined;
}

export interface AccessTokenOptions extends RefreshTokenOptions {
  /** Whether it comes straight from a log-in; or for how long it counts as if, in seconds or with a unit. */
  readonly fresh?: Lifetime | true | undefined;
}

export interface UnsetOptions {
  /** The domain with which the cookies were set, if not the configured `cookieDomain`. */
  readonly domain?: string;
}

export interface DecodeOptions {
  /** Also return the claims of a token that has expired. */
  readonly allowExpired?: boolean;
  /** What the token's csrf claim must be equal to. */
  readonly csrfValue?: string;
}

/**
 * Issues tokens and says who a request is. Put one in the container: `Container.set(JwtManager, new
 * JwtManager({ secretKey }))`. Throws JwtConfigurationError when it is built wrongly, never at a request.
 */
export class JwtManager {
  readonly config: JwtConfig;
  readonly #keys: JwtKeys;
  readonly #loaders: Loaders;
  readonly #authenticator: Authenticator;

  constructor(options: JwtOptions) {
    this.config = new JwtConfig(options);
    this.#loaders = new Loaders(this.config.loaders);
    this.#keys = new JwtKeys(this.config, this.#loaders);
    this.#authenticator = new Authenticator(this.config, this.#keys, this.#loaders);
  }

  /**
   * A token that opens protected routes (flask: create_access_token). Not fresh unless `fresh` says so.
   * Throws TypeError for claims that are not JSON or are the library's own.
   */
  async createAccessToken(identity: unknown, options: AccessTokenOptions = {}): Promise<string> {
    refuseUnknown(options, ['fresh', ...TOKEN_OPTIONS]);
    return this.#issue('access', identity, options);
  }

  /** A token good for nothing but `@RefreshJwtRequired()` routes (flask: create_refresh_token). */
  async createRefreshToken(identity: unknown, options: RefreshTokenOptions = {}): Promise<string> {
    refuseUnknown(options, TOKEN_OPTIONS);
    return this.#issue('refresh', identity, options);
  }

  /**
   * The claims of a token that is no request's (flask: decode_token): verified, but for its type, freshness and
   * revocation. Throws InvalidTokenError, ExpiredTokenError or CsrfError.
   */
  async decodeToken(encoded: string, options: DecodeOptions = {}): Promise<JwtClaims> {
    const token = await this.#authenticator.verify(encoded);
    if (options.csrfValue !== undefined) checkCsrf(token, options.csrfValue);
    if (options.allowExpired !== true && hasExpired(token.payload, this.config))
      throw new ExpiredTokenError(token);
    return token.payload;
  }

  /** The `jti` of a token, by which it can be revoked (flask: get_jti). Throws as decodeToken does. */
  async getJti(encoded: string): Promise<string | null> {
    return (await this.decodeToken(encoded)).jti;
  }

  /** The CSRF value of a token, for a front end to send back in a header (flask: get_csrf_token). */
  async getCsrfToken(encoded: string): Promise<string> {
    const { csrf } = await this.decodeToken(encoded);
    if (typeof csrf === 'string') return csrf;
    throw new InvalidTokenError('Missing claim: csrf');
  }

  /** The header of a token of which nothing has been verified (flask: get_unverified_jwt_headers). */
  getUnverifiedHeader(encoded: string): JoseHeader {
    return parseCompact(encoded, this.config).header;
  }

  /**
   * Holds a request to a token by hand, as the decorators do (flask: verify_jwt_in_request), and publishes who it
   * is in `ctx.state.jwt`. Undefined for OPTIONS, which carries no credentials. Throws a JwtError, which already
   * knows its answer, for a request that is refused; anything else that is thrown came from a loader.
   */
  verifyJwtInRequest(ctx: Context, options: GuardOptions = {}): Promise<JwtState | undefined> {
    return this.authenticate(ctx, policyFrom(options));
  }

  /** verifyJwtInRequest for a policy that was made beforehand. */
  async authenticate(ctx: Context, policy: Policy): Promise<JwtState | undefined> {
    if (ctx.method === 'OPTIONS') return undefined;
    try {
      const state = await this.#authenticator.authenticate(ctx, policy);
      ctx.state.jwt = state;
      return state;
    } catch (error) {
      if (error instanceof JwtError) return this.refuse(ctx, error);
      throw error;
    }
  }

  /** Throws a refusal, having asked the answer loader, if there is one, what it is to be answered with. */
  async refuse(ctx: Context, error: JwtError): Promise<never> {
    await answerRefusal(error, ctx, this.config, this.#loaders);
    throw error;
  }

  /**
   * Puts an access token into its cookie, and its CSRF value into another (flask: set_access_cookies). Throws as
   * decodeToken does, and TypeError for a refresh token.
   */
  setAccessCookies(ctx: Context, encoded: string, options: CookieOptions = {}): Promise<void> {
    return this.#setCookies(ctx, 'access', encoded, options);
  }

  /** setAccessCookies for a refresh token and its cookies (flask: set_refresh_cookies). */
  setRefreshCookies(ctx: Context, encoded: string, options: CookieOptions = {}): Promise<void> {
    return this.#setCookies(ctx, 'refresh', encoded, options);
  }

  /** Ends every cookie that setAccessCookies and setRefreshCookies set: logs a browser out (flask: unset_jwt_cookies). */
  unsetJwtCookies(ctx: Context, options: UnsetOptions = {}): void {
    this.unsetAccessCookies(ctx, options);
    this.unsetRefreshCookies(ctx, options);
  }

  /** (flask: unset_access_cookies) */
  unsetAccessCookies(ctx: Context, { domain }: UnsetOptions = {}): void {
    unsetTokenCookies(ctx, 'access', this.config, domain);
    settleAccessCookie(ctx);
  }

  /** (flask: unset_refresh_cookies) */
  unsetRefreshCookies(ctx: Context, { domain }: UnsetOptions = {}): void {
    unsetTokenCookies(ctx, 'refresh', this.config, domain);
  }

  /**
   * Re-issues the access token cookie of a request that was let in, where `implicitRefreshWithin` says so; the
   * guard does it on the way out. The new token is not fresh. It keeps the identity, the claims that the
   * log-in added and the length of its life, and the claims loader has its say anew.
   */
  async refreshImplicitly(ctx: Context, state: JwtState): Promise<void> {
    const { header, payload, identity } = state;
    if (payload === undefined || header === undefined || !isRefreshDue(ctx, state, this.config)) return;
    // Asked anew, for the action may have been the one that revoked it.
    if (await this.#authenticator.isRevoked(ctx, { header, payload, identity })) return;
    settleAccessCookie(ctx);
    // What createAccessToken was given at log-in: the user, where a loader makes the identity of it.
    const subject = this.#loaders.has('userIdentity') ? (state.user ?? identity) : identity;
    const { exp = 0, iat = exp } = payload;
    const expires = exp > iat ? Math.floor(exp - iat) : undefined;
    const encoded = await this.#issue('access', subject, { expires }, keptClaims(payload, this.config));
    setTokenCookies(ctx, encoded, await this.#authenticator.verify(encoded), this.config, {});
  }

  /** The user of a request that a guard has admitted: what the user loader returned. */
  currentUser(state: JwtState): unknown {
    if (this.#loaders.has('user')) return state.user;
    throw new JwtConfigurationError('There is no user to load: register a class with @UserLoader()');
  }

  async #setCookies(ctx: Context, type: TokenType, encoded: string, options: CookieOptions): Promise<void> {
    const token = await this.#authenticator.verify(encoded);
    if (token.payload.type !== type)
      throw new TypeError(`The ${type} cookie takes no ${token.payload.type} token`);
    setTokenCookies(ctx, encoded, token, this.config, options);
    if (type === 'access') settleAccessCookie(ctx);
  }

  async #issue(
    type: TokenType,
    identity: unknown,
    options: AccessTokenOptions,
    kept?: Readonly<Record<string, unknown>>,
  ): Promise<string> {
    const event = { identity, type };
    const claims = (await this.#loaders.ask('userClaims', event))?.answer;
    const headers = (await this.#loaders.ask('additionalHeaders', event))?.answer;
    const named = await this.#loaders.ask('userIdentity', event);
    const key = await this.#keys.signing(event);
    const request = {
      type,
      identity: named === undefined ? identity : named.answer,
      fresh: options.fresh ?? false,
      expires: options.expires,
      additionalClaims: [kept, claims, options.additionalClaims],
      additionalHeaders: [headers, options.additionalHeaders],
    };
    return issueToken(request, key, this.config);
  }
}

const TOKEN_OPTIONS = ['expires', 'additionalClaims', 'additionalHeaders'];

/** A misspelt `expires` would silently make a token that lives as long as any other. */
function refuseUnknown(options: object, known: readonly string[]): void {
  const unknown = Object.keys(options).find((name) => !known.includes(name));
  if (unknown !== undefined) throw new TypeError(`Unknown option ${unknown}: known are ${known.join(', ')}`);
}
