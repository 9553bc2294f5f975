import type { Context } from 'koa';
import { bare, type JoseHeader, type JwtClaims, type TokenType } from './claims';
import { JwtConfig, type JwtOptions } from './config/JwtConfig';
import {
  ExpiredTokenError,
  InvalidTokenError,
  JwtConfigurationError,
  JwtError,
  KeysUnavailableError,
  RevokedTokenError,
} from './errors';
import { TrustedIssuer } from './key/issuer/TrustedIssuer';
import { OwnKeys, type PublicJwk } from './key/OwnKeys';
import { Loaders } from './loader/Loaders';
import { answerRefusal } from './request/answerRefusal';
import { Authenticator } from './request/Authenticator';
import { ImplicitRefresh } from './request/ImplicitRefresh';
import { getJwtState, type JwtState } from './request/JwtState';
import { deferParseErrors } from './request/parseErrors';
import { OPTIONS_BY_HAND, policyFrom, type GuardOptions, type Policy } from './request/Policy';
import { notesOf } from './request/RequestNotes';
import {
  setTokenCookies,
  unsetTokenCookies,
  type CookieOptions,
  type UnsetOptions,
} from './request/tokenCookies';
import {
  Issuer,
  type AccessTokenOptions,
  type RefreshTokenOptions,
  type TokenPair,
  type TokenPairOptions,
} from './session/Issuer';
import { Renewal } from './session/Renewal';
import { Sessions } from './session/Sessions';
import type { Session } from './store/RevocationStore';
import { hasExpired } from './token/checkClaims';
import { checkCsrf } from './token/checkCsrf';
import { CompactToken } from './token/CompactToken';
import { Verifier } from './token/Verifier';

/** The options of decodeToken. */
export interface DecodeOptions {
  /** Also return the claims of a token that has expired. */
  readonly allowExpired?: boolean;
  /** The token's csrf claim must equal this. */
  readonly csrfValue?: string;
}

/**
 * Makes tokens, and says who a request is. Put one into the container: `Container.set(JwtManager, new
 * JwtManager({ secretKey }))`. The constructor throws JwtConfigurationError for wrong options. Requests get that error
 * only for what loaders return, and for loaders that were registered later.
 */
export class JwtManager {
  readonly config: JwtConfig;
  readonly #loaders: Loaders;
  readonly #keys: OwnKeys;
  readonly #verifier: Verifier;
  readonly #sessions: Sessions;
  readonly #issuer: Issuer;
  readonly #renewal: Renewal;
  readonly #authenticator: Authenticator;
  readonly #implicitRefresh: ImplicitRefresh;
  readonly #reportedOutages = new WeakSet<object>();

  constructor(options: JwtOptions) {
    const config = options instanceof JwtConfig ? options : new JwtConfig(given(options));
    if (config.tokenLocation.includes('json')) deferParseErrors();
    this.config = config;
    this.#loaders = new Loaders(config.loaders);
    this.#keys = new OwnKeys(config, this.#loaders);
    const issuers = (config.issuers ?? []).map(
      (issuer) => [issuer.issuer, new TrustedIssuer(issuer, config)] as const,
    );
    this.#verifier = new Verifier(config, this.#keys, new Map(issuers));
    this.#sessions = new Sessions(config, this.#loaders);
    this.#issuer = new Issuer(config, this.#keys, this.#loaders, this.#sessions);
    this.#renewal = new Renewal(config, this.#loaders, this.#issuer);
    this.#authenticator = new Authenticator(config, this.#verifier, this.#sessions, this.#loaders);
    this.#implicitRefresh = new ImplicitRefresh(config, this.#sessions, this.#renewal);
  }

  /**
   * A token that opens protected routes (flask: create_access_token). Not fresh, unless `fresh` says so. Throws
   * TypeError for claims that are not JSON or that the library sets.
   */
  createAccessToken(identity: unknown, options?: AccessTokenOptions): Promise<string> {
    return this.#issuer.accessToken(identity, options);
  }

  /** A token for `@RefreshJwtRequired()` routes only (flask: create_refresh_token). Throws as createAccessToken does. */
  createRefreshToken(identity: unknown, options?: RefreshTokenOptions): Promise<string> {
    return this.#issuer.refreshToken(identity, options);
  }

  /**
   * The two tokens of a log-in, which share a session: `revokeSession` ends both. The access token ends no later than
   * the refresh token. Throws as createAccessToken does, and StoreUnavailableError.
   */
  createTokenPair(identity: unknown, options?: TokenPairOptions): Promise<TokenPair> {
    return this.#issuer.pair(identity, options);
  }

  /**
   * Exchanges the refresh token that has let a request in for a new pair, once (RFC 9700 §4.14.2): for
   * `@RefreshJwtRequired()` routes. The session keeps its end, and the access token is not fresh. A refresh token that
   * is used again after `rotationGrace` seconds ends the session. Throws RevokedTokenError.
   */
  async rotate(ctx: Context): Promise<TokenPair> {
    const { admittedBy, action } = notesOf(ctx);
    // A user admitted by another manager is unknown here.
    if (admittedBy !== this)
      throw new TypeError('rotate(ctx) is for requests that this very manager has let in');
    const { header, payload, identity, user } = getJwtState(ctx);
    if (header === undefined || payload?.type !== 'refresh')
      throw new TypeError('rotate(ctx) is for @RefreshJwtRequired() routes');
    try {
      // It was made before there was a store, so the store cannot tell whether it was used: its owner logs in again.
      if (payload['gen'] === undefined && this.#sessions.hasStore) {
        throw new RevokedTokenError({ header, payload, identity });
      }
      const { jti, pair } = await this.#renewal.pair({ payload, identity, user });
      await this.#sessions.exchange({ context: ctx, header, payload, identity }, action, jti);
      return pair;
    } catch (error) {
      if (error instanceof JwtError) return this.refuse(ctx, error);
      throw error;
    }
  }

  /** Revokes one token until it would have expired. Takes the token or its claims. */
  async revoke(token: string | JwtClaims): Promise<void> {
    await this.#sessions.revoke(await this.#claimsOf(token));
  }

  /** Ends the session of a token: call it at log-out. A token without a session is revoked by itself. */
  async revokeSession(token: string | JwtClaims): Promise<void> {
    await this.#sessions.revokeSession(await this.#claimsOf(token));
  }

  /**
   * Logs an identity out everywhere: revokes every token that was made for it until now. Takes the identity as its
   * tokens have it, or the object that createAccessToken was given. Throws TypeError for anything else.
   */
  async revokeAll(identity: unknown): Promise<void> {
    await this.#sessions.revokeAll(identity);
  }

  /** The sessions of an identity, oldest first, for an account page. */
  async sessions(identity: unknown): Promise<Session[]> {
    return this.#sessions.list(identity);
  }

  /** Ends one of the sessions of an identity. It cannot end those of another. */
  async endSession(identity: unknown, sid: string): Promise<void> {
    await this.#sessions.end(identity, sid);
  }

  /**
   * The claims of a token that did not come with a request (flask: decode_token). Verifies everything except its type,
   * freshness and revocation. Throws InvalidTokenError, ExpiredTokenError or CsrfError.
   */
  async decodeToken(encoded: string, options: DecodeOptions = {}): Promise<JwtClaims> {
    const { csrfValue, allowExpired } = bare(options);
    const token = await this.#verifier.verify(encoded);
    if (csrfValue !== undefined) checkCsrf(token, csrfValue);
    if (allowExpired !== true && hasExpired(token.payload, this.config)) throw new ExpiredTokenError(token);
    return token.payload;
  }

  /** The `jti` of a token, by which it can be revoked (flask: get_jti). Throws as decodeToken does. */
  async getJti(encoded: string): Promise<string | null> {
    return (await this.decodeToken(encoded)).jti;
  }

  /** The CSRF value of a token, which a front end sends back in a header (flask: get_csrf_token). */
  async getCsrfToken(encoded: string): Promise<string> {
    const { csrf } = await this.decodeToken(encoded);
    if (typeof csrf === 'string') return csrf;
    throw new InvalidTokenError('Missing claim: csrf');
  }

  /** The header of a token, unverified (flask: get_unverified_jwt_headers). Throws InvalidTokenError. */
  getUnverifiedHeader(encoded: string): JoseHeader {
    return CompactToken.parse(encoded).header;
  }

  /**
   * The public keys by which others verify the tokens of this manager, as a JWK Set (RFC 7517 §5). It never has secrets
   * or private keys, nor the keys of a loader, which nobody can list. `serveJwks()` publishes it.
   */
  jwks(): { keys: PublicJwk[] } {
    return { keys: this.#keys.publicJwks() };
  }

  /**
   * Demands a token of a request by hand, as the decorators do (flask: verify_jwt_in_request), and sets
   * `ctx.state.jwt`. Undefined for OPTIONS, which has no credentials. Throws a JwtError with its answer for a request
   * that it refuses. Any other error came from a loader.
   */
  async verifyJwtInRequest(
    ctx: Context,
    options: Omit<GuardOptions, 'manager'> = {},
  ): Promise<JwtState | undefined> {
    return this.authenticate(ctx, policyFrom(options, OPTIONS_BY_HAND));
  }

  /**
   * verifyJwtInRequest with a policy.
   * @internal
   */
  async authenticate(ctx: Context, policy: Policy): Promise<JwtState | undefined> {
    if (ctx.method === 'OPTIONS') return undefined;
    try {
      const state = await this.#authenticator.authenticate(ctx, policy);
      ctx.state.jwt = state;
      notesOf(ctx).admittedBy = this;
      return state;
    } catch (error) {
      if (error instanceof JwtError) return this.refuse(ctx, error);
      throw error;
    }
  }

  /**
   * Throws a refusal with its answer, which the answer loader may change.
   * @internal
   */
  async refuse(ctx: Context, error: JwtError): Promise<never> {
    if (error instanceof KeysUnavailableError && !this.#reportedOutages.has(error.cause as object)) {
      // Once for each attempt to fetch them, because anyone can send tokens that need a key.
      this.#reportedOutages.add(error.cause as object);
      ctx.app.emit('error', new Error('A token could not be verified', { cause: error.cause }), ctx);
    }
    await answerRefusal(error, ctx, this.config, this.#loaders);
    throw error;
  }

  /**
   * Puts an access token into its cookie, and its CSRF value into another (flask: set_access_cookies). Throws as
   * decodeToken does; InvalidTokenError for a token without a csrf claim, unless `cookieCsrfProtect` is off; and
   * TypeError for a refresh token.
   */
  setAccessCookies(ctx: Context, encoded: string, options: CookieOptions = {}): Promise<void> {
    return this.#setCookies(ctx, 'access', encoded, options);
  }

  /** setAccessCookies for a refresh token and its cookies (flask: set_refresh_cookies). */
  setRefreshCookies(ctx: Context, encoded: string, options: CookieOptions = {}): Promise<void> {
    return this.#setCookies(ctx, 'refresh', encoded, options);
  }

  /** Ends every cookie of setAccessCookies and setRefreshCookies: logs a browser out (flask: unset_jwt_cookies). */
  unsetJwtCookies(ctx: Context, options: UnsetOptions = {}): void {
    this.unsetAccessCookies(ctx, options);
    this.unsetRefreshCookies(ctx, options);
  }

  /** (flask: unset_access_cookies) */
  unsetAccessCookies(ctx: Context, options: UnsetOptions = {}): void {
    unsetTokenCookies(ctx, 'access', this.config, bare(options).domain);
    notesOf(ctx).isAccessCookieSettled = true;
  }

  /** (flask: unset_refresh_cookies) */
  unsetRefreshCookies(ctx: Context, options: UnsetOptions = {}): void {
    unsetTokenCookies(ctx, 'refresh', this.config, bare(options).domain);
  }

  /**
   * Renews the access cookie of a request that was let in, when `implicitRefreshWithin` says so. The guard calls it
   * after the action.
   * @internal
   */
  refreshImplicitly(ctx: Context, state: JwtState): Promise<void> {
    return this.#implicitRefresh.refresh(ctx, state);
  }

  /**
   * What the user loader returned for a request that a guard has let in.
   * @internal
   */
  currentUser(state: JwtState): unknown {
    if (this.#loaders.has('user')) return state.user;
    throw new JwtConfigurationError('There is no user to load: register a class with @UserLoader()');
  }

  async #claimsOf(token: string | JwtClaims): Promise<JwtClaims> {
    return typeof token === 'string' ? this.decodeToken(token, { allowExpired: true }) : bare(token);
  }

  async #setCookies(ctx: Context, type: TokenType, encoded: string, options: CookieOptions): Promise<void> {
    const payload = await this.decodeToken(encoded);
    if (payload.type !== type) throw new TypeError(`The ${type} cookie takes no ${payload.type} token`);
    // Otherwise every later POST with these cookies would be refused.
    if (this.config.cookieCsrfProtect && typeof payload.csrf !== 'string') {
      throw new InvalidTokenError('Missing claim: csrf');
    }
    setTokenCookies(ctx, encoded, payload, this.config, bare(options));
    if (type === 'access') notesOf(ctx).isAccessCookieSettled = true;
  }
}

/** A container that has no manager may make one without options. Nobody has configured that one. */
function given(options: JwtOptions | undefined): JwtOptions {
  if (options !== undefined) return options;
  throw new JwtConfigurationError('A JwtManager needs a configuration: new JwtManager({ secretKey: … })');
}
