import type { Context } from 'koa';
import { isPromise } from './config/isPromise';
import { Authenticator } from './Authenticator';
import {
  ExpiredTokenError,
  InvalidTokenError,
  JwtConfigurationError,
  JwtError,
  KeysUnavailableError,
} from './errors';
import {
  Issuer,
  type AccessTokenOptions,
  type RefreshTokenOptions,
  type TokenPair,
  type TokenPairOptions,
} from './Issuer';
import { JwtConfig, type JwtOptions } from './JwtConfig';
import { answerRefusal } from './loader/answerRefusal';
import { JwtKeys } from './key/JwtKeys';
import type { PublicJwk } from './key/KeyRing';
import { Loaders } from './loader/Loaders';
import { Renewal } from './Renewal';
import { admittedBy } from './request/admittedBy';
import { deferParseErrors } from './request/deferParseErrors';
import { settleAccessCookie } from './request/implicitRefresh';
import type { JwtState } from './request/JwtState';
import { OPTIONS_OF_MANAGER, policyFrom, type GuardOptions, type Policy } from './request/Policy';
import {
  setTokenCookies,
  unsetTokenCookies,
  type CookieOptions,
  type UnsetOptions,
} from './request/tokenCookies';
import { Sessions } from './revocation/Sessions';
import type { Session } from './RevocationStore';
import { checkCsrf } from './token/checkCsrf';
import { hasExpired } from './token/claims';
import { parseCompact } from './token/compact';
import type { JoseHeader, JwtClaims, TokenType } from './VerifiedToken';

export interface DecodeOptions {
  /** Also return the claims of a token that has expired. */
  readonly allowExpired?: boolean;
  /** What the token's csrf claim must be equal to. */
  readonly csrfValue?: string;
}

/**
 * Issues tokens and says who a request is. Put one in the container: `Container.set(JwtManager, new
 * JwtManager({ secretKey }))`. Throws JwtConfigurationError when it is built wrongly; at a request only for what
 * loaders return, and for those that were registered since.
 */
export class JwtManager {
  readonly config: JwtConfig;
  readonly #sessions: Sessions;
  readonly #issuer: Issuer;
  readonly #renewal: Renewal;
  readonly #loaders: Loaders;
  readonly #authenticator: Authenticator;
  readonly #keys: JwtKeys;
  readonly #told = new WeakSet<object>();

  constructor(options: JwtOptions) {
    this.config = options instanceof JwtConfig ? options : new JwtConfig(given(options));
    if (this.config.tokenLocation.includes('json')) deferParseErrors();
    this.#loaders = new Loaders(this.config.loaders);
    this.#keys = new JwtKeys(this.config, this.#loaders);
    this.#sessions = new Sessions(this.config, this.#loaders);
    this.#authenticator = new Authenticator(this.config, this.#keys, this.#loaders, this.#sessions);
    this.#issuer = new Issuer(this.config, this.#keys, this.#loaders, this.#sessions);
    this.#renewal = new Renewal(
      this.config,
      this.#loaders,
      this.#sessions,
      this.#authenticator,
      this.#issuer,
    );
  }

  /**
   * A token that opens protected routes (flask: create_access_token). Not fresh unless `fresh` says so.
   * Throws TypeError for claims that are not JSON or are the library's own.
   */
  createAccessToken(identity: unknown, options: AccessTokenOptions = {}): Promise<string> {
    return this.#issuer.issueAccess(identity, options);
  }

  /** A token good for nothing but `@RefreshJwtRequired()` routes (flask: create_refresh_token). */
  createRefreshToken(identity: unknown, options: RefreshTokenOptions = {}): Promise<string> {
    return this.#issuer.issueRefresh(identity, options);
  }

  /**
   * The two tokens of a log-in, which share a session: `revokeSession` ends both. The access token never outlives
   * the refresh token.
   */
  createTokenPair(identity: unknown, options: TokenPairOptions = {}): Promise<TokenPair> {
    return this.#issuer.issuePair(identity, options);
  }

  /**
   * Exchanges the refresh token that has let a request in for a new pair, once (RFC 9700 §4.14.2): for
   * `@RefreshJwtRequired()` routes. The session keeps its end, and the access token is not fresh. A refresh
   * token that is used again after `rotationGrace` seconds ends the session. Throws RevokedTokenError.
   */
  async rotate(ctx: Context): Promise<TokenPair> {
    // Whoever is somebody to another manager is nobody to this one.
    if (admittedBy.get(ctx) !== this)
      throw new TypeError('rotate(ctx) is for requests that this very manager has let in');
    try {
      return await this.#renewal.rotate(ctx);
    } catch (error) {
      if (error instanceof JwtError) return this.refuse(ctx, error);
      throw error;
    }
  }

  /** Revokes one token until it would have expired. Takes the token, or its claims. */
  async revoke(token: string | JwtClaims): Promise<void> {
    await this.#sessions.revoke(await this.#claimsOf(token));
  }

  /** Ends the session of a token: what to call at log-out. A token without a session is revoked by itself. */
  async revokeSession(token: string | JwtClaims): Promise<void> {
    await this.#sessions.revokeSession(await this.#claimsOf(token));
  }

  /**
   * Logs an identity out everywhere: every token made for it until now is revoked, those made after are not. Takes
   * it as it stands in tokens, or the object that createAccessToken was given. Throws TypeError for neither.
   */
  async revokeAll(identity: unknown): Promise<void> {
    await this.#sessions.revokeAll(identity);
  }

  /** The sessions of an identity, oldest first, for an account page. */
  async sessions(identity: unknown): Promise<Session[]> {
    return this.#sessions.list(identity);
  }

  /** Ends one of the sessions of an identity; it cannot end those of another. */
  async endSession(identity: unknown, sid: string): Promise<void> {
    await this.#sessions.end(identity, sid);
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
    return parseCompact(encoded).header;
  }

  /**
   * The public keys by which others verify the tokens of this manager, as a JWK Set (RFC 7517 §5). Never a secret
   * or private one; nor those of a loader, which nobody can list. `serveJwks()` publishes them.
   */
  jwks(): { keys: PublicJwk[] } {
    return { keys: this.#keys.publicJwks() };
  }

  /**
   * Holds a request to a token by hand, as the decorators do (flask: verify_jwt_in_request), and publishes who it
   * is in `ctx.state.jwt`. Undefined for OPTIONS, which carries no credentials. Throws a JwtError, which already
   * knows its answer, for a request that is refused; anything else that is thrown came from a loader.
   */
  async verifyJwtInRequest(
    ctx: Context,
    options: Omit<GuardOptions, 'manager'> = {},
  ): Promise<JwtState | undefined> {
    return this.authenticate(ctx, policyFrom(options, OPTIONS_OF_MANAGER));
  }

  /**
   * verifyJwtInRequest for a policy that was made beforehand. A promise only where somebody has to be waited for.
   * @internal
   */
  authenticate(ctx: Context, policy: Policy): JwtState | undefined | Promise<JwtState> {
    if (ctx.method === 'OPTIONS') return undefined;
    const refuse = (error: unknown): Promise<never> => {
      if (error instanceof JwtError) return this.refuse(ctx, error);
      throw error;
    };
    try {
      const state = this.#authenticator.authenticate(ctx, policy);
      if (!isPromise(state)) return this.#publish(ctx, state);
      return state.then((admitted) => this.#publish(ctx, admitted), refuse);
    } catch (error) {
      return refuse(error);
    }
  }

  #publish(ctx: Context, state: JwtState): JwtState {
    ctx.state.jwt = state;
    admittedBy.set(ctx, this);
    return state;
  }

  /**
   * Throws a refusal, having asked the answer loader, if there is one, what it is to be answered with.
   * @internal
   */
  async refuse(ctx: Context, error: JwtError): Promise<never> {
    if (error instanceof KeysUnavailableError && !this.#told.has(error.cause as object)) {
      // Once for each attempt, for anyone can send tokens that need a key.
      this.#told.add(error.cause as object);
      ctx.app.emit('error', new Error('A token could not be verified', { cause: error.cause }), ctx);
    }
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
   * guard does it on the way out.
   * @internal
   */
  refreshImplicitly(ctx: Context, state: JwtState): Promise<void> {
    return this.#renewal.refreshImplicitly(ctx, state);
  }

  /**
   * The user of a request that a guard has admitted: what the user loader returned.
   * @internal
   */
  currentUser(state: JwtState): unknown {
    if (this.#loaders.has('user')) return state.user;
    throw new JwtConfigurationError('There is no user to load: register a class with @UserLoader()');
  }

  async #claimsOf(token: string | JwtClaims): Promise<JwtClaims> {
    return typeof token === 'string' ? this.decodeToken(token, { allowExpired: true }) : token;
  }

  async #setCookies(ctx: Context, type: TokenType, encoded: string, options: CookieOptions): Promise<void> {
    const token = await this.#authenticator.verify(encoded);
    if (token.payload.type !== type)
      throw new TypeError(`The ${type} cookie takes no ${token.payload.type} token`);
    setTokenCookies(ctx, encoded, token, this.config, options);
    if (type === 'access') settleAccessCookie(ctx);
  }
}

/** A container that knows no manager may make one without options, which nobody has configured. */
function given(options: JwtOptions | undefined): JwtOptions {
  if (options !== undefined) return options;
  throw new JwtConfigurationError('A JwtManager needs a configuration: new JwtManager({ secretKey: … })');
}
