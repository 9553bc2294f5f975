import type { IncomingMessage } from 'node:http';
import type { Context } from 'koa';
import type { Action } from 'routing-controllers';
import { bare, type JoseHeader, type JwtClaims, type TokenType } from './claims';
import { checkedOptions } from './config/checkedOptions';
import type { Constructor } from './config/Constructor';
import { JwtConfig, type JwtOptions } from './config/JwtConfig';
import { kindsByName } from './config/option';
import { anything, flag } from './config/optionKinds';
import {
  CsrfError,
  ExpiredTokenError,
  InvalidTokenError,
  JwtConfigurationError,
  JwtError,
  KeysUnavailableError,
  RevokedTokenError,
  WrongTokenError,
  type Refuser,
} from './errors';
import { explainRefusals } from './events/explainRefusals';
import { jwtEvents } from './events/jwtEvents';
import { TrustedIssuer } from './key/issuer/TrustedIssuer';
import { OwnKeys, type PublicJwk } from './key/OwnKeys';
import { Loaders, type LoaderSetup } from './loader/Loaders';
import { brand, otherMajors, shared } from './registry/registry';
import { admissionAfter, type Admission } from './request/Admission';
import { answerByDefault, answerByLoader, answerLoaderOf, type AnswerLoader } from './request/answerRefusal';
import { Authenticator, finders } from './request/Authenticator';
import { mustBeAwaited } from './request/mustBeAwaited';
import { ImplicitRefresh } from './request/ImplicitRefresh';
import { ANONYMOUS, getJwtState, type JwtState, type VerifiedJwtState } from './request/JwtState';
import { LogOut } from './request/LogOut';
import { deferParseErrors } from './request/parseErrors';
import {
  OPTIONS_BY_HAND,
  OPTIONS_OF_TOKENS,
  policyFrom,
  type GuardOptions,
  type Policy,
} from './request/Policy';
import { publishAdmission, publishAdmitted, publishRefused } from './request/publish';
import { notesOf, type RequestNotes } from './request/RequestNotes';
import {
  setTokenCookies,
  unsetTokenCookies,
  type CookieOptions,
  type UnsetOptions,
} from './request/tokenCookies';
import {
  UpgradeRequest,
  upgradeFinders,
  upgradePolicyFrom,
  type UpgradeOptions,
} from './request/UpgradeRequest';
import { watchToken, type WatchOptions } from './request/watchToken';
import {
  Issuer,
  paired,
  type AccessTokenOptions,
  type PurposeTokenOptions,
  type RefreshTokenOptions,
  type TokenPair,
  type TokenPairOptions,
} from './session/Issuer';
import { Renewal } from './session/Renewal';
import { Sessions } from './session/Sessions';
import type { Session } from './store/RevocationStore';
import { hasExpired } from './token/checkClaims';
import { checkCsrf } from './token/checkCsrf';
import { assertJoseHeader, CompactToken } from './token/CompactToken';
import { Verifier } from './token/Verifier';

/** The options of verifyToken: what a guard demands, but for where the token is. */
export type VerifyTokenOptions = Omit<GuardOptions, 'optional' | 'locations' | 'manager'>;

/** The options of decodeToken. */
export interface DecodeOptions {
  /** Also return the claims of a token that has expired. */
  readonly allowExpired?: boolean;
  /** The token's csrf claim must equal this. Given and undefined, it equals none. */
  readonly csrfValue?: string;
}

const DECODE_OPTIONS = kindsByName<DecodeOptions>({ allowExpired: flag, csrfValue: anything });

/** The last manager of each class, for hints. Of this copy of the package: one cannot look into those of another. */
const managers = new Map<unknown, WeakRef<JwtManager>>();

/**
 * Makes tokens, and says who a request is. Put one into the container: `Container.set(JwtManager, new
 * JwtManager({ secretKey }))`. The constructor throws JwtConfigurationError for wrong options. Requests get that error
 * only for what loaders return, and for loaders that were registered later.
 */
export class JwtManager implements Refuser {
  readonly config: JwtConfig;
  readonly #loaders: Loaders;
  readonly #keys: OwnKeys;
  readonly #verifier: Verifier;
  readonly #sessions: Sessions;
  readonly #issuer: Issuer;
  readonly #renewal: Renewal;
  readonly #authenticator: Authenticator;
  readonly #implicitRefresh: ImplicitRefresh;
  readonly #logOut: LogOut;
  readonly #reportedOutages = new WeakSet<object>();
  readonly #toldOf = new Set<unknown>();

  constructor(options: JwtOptions) {
    refuseOtherMajors();
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
    this.#logOut = new LogOut(config, this.#verifier, this.#sessions);
    managers.set(this.constructor, new WeakRef(this));
  }

  /**
   * A token that opens protected routes (flask: create_access_token). Not fresh, unless `fresh` says so. Throws
   * TypeError for claims that are not JSON or that the library sets.
   */
  createAccessToken(identity: unknown, options?: AccessTokenOptions): Promise<string> {
    return this.#named('createAccessToken', this.#issuer.accessToken(identity, options));
  }

  /** A token for `@RefreshJwtRequired()` routes only (flask: create_refresh_token). Throws as createAccessToken does. */
  createRefreshToken(identity: unknown, options?: RefreshTokenOptions): Promise<string> {
    return this.#named('createRefreshToken', this.#issuer.refreshToken(identity, options));
  }

  /**
   * A token for one purpose, such as a link in a mail. It is accepted where that very purpose is demanded, and nowhere
   * else: `@JwtRequired({ purpose: 'password-reset' })`, `verifyToken(token, { purpose: 'password-reset' })`. It ends, after
   * 15 minutes by default. The identity may be of somebody who has no account yet. Throws as createAccessToken does.
   */
  createToken(purpose: string, identity: unknown, options?: PurposeTokenOptions): Promise<string> {
    return this.#named('createToken', this.#issuer.purposeToken(purpose, identity, options));
  }

  /**
   * The two tokens of a log-in, which share a session: `revokeSession` ends both. The access token ends no later than
   * the refresh token. Throws as createAccessToken does, and StoreUnavailableError.
   */
  createTokenPair(identity: unknown, options?: TokenPairOptions): Promise<TokenPair> {
    return this.#named('createTokenPair', this.#issuer.pair(identity, options));
  }

  /**
   * Exchanges the refresh token that has let a request in for a new pair, once (RFC 9700 §4.14.2): for
   * `@RefreshJwtRequired()` routes. The session keeps its end, and the access token is not fresh. A refresh token that
   * is used again after `rotationGrace` seconds, or after another one from the same exchange, ends the session. Throws
   * RevokedTokenError; and InvalidTokenError for the token of another issuer, which only that issuer can renew.
   */
  rotate(ctx: Context): Promise<TokenPair> {
    return mustBeAwaited(this.#rotate(ctx), 'rotate');
  }

  /**
   * Logs out the sender of a request, on a route that needs no guard: ends the session of each token in the configured
   * locations, access or refresh, expired or not, and unsets the cookies. Resolves also when there is no good token.
   * Throws CsrfError for cookies without the CSRF value that a guard would demand; and StoreUnavailableError, which
   * leaves the cookies, so that the user can try again. Without a revocation store it can only unset cookies: then a
   * token that came elsewhere is a JwtConfigurationError.
   */
  async logOut(ctx: Context, options: Pick<GuardOptions, 'locations'> = {}): Promise<void> {
    const { locations = this.config.tokenLocation } = policyFrom(options, ['locations']);
    try {
      await this.#logOut.endSessions(ctx, locations);
      if (!locations.includes('cookies')) return;
      this.unsetJwtCookies(ctx);
      for (const line of this.#logOut.staleCookies(ctx)) ctx.append('Set-Cookie', line);
    } catch (error) {
      if (error instanceof JwtError) return this.refuse(ctx, error);
      throw error;
    }
  }

  /**
   * Revokes one token until it would have expired. Takes the token or its claims. If it has no session, also ends the
   * tokens that an implicit refresh made of it, or of a copy.
   */
  revoke(token: string | JwtClaims): Promise<void> {
    return this.#with('revoke', token, (claims) => this.#sessions.revoke(claims));
  }

  /** Ends the session of a token: call it at log-out. A token without a session is revoked by itself. */
  revokeSession(token: string | JwtClaims): Promise<void> {
    return this.#with('revokeSession', token, (claims) => this.#sessions.revokeSession(claims));
  }

  /**
   * Logs an identity out everywhere: revokes every token that was made for it until now. Takes the identity as its
   * tokens have it, or what createAccessToken was given. A string that may be either is taken for both. Throws
   * TypeError for anything else.
   */
  revokeAll(identity: unknown): Promise<void> {
    return this.#named('revokeAll', this.#sessions.revokeAll(identity));
  }

  /** The sessions of an identity, oldest first, for an account page. */
  sessions(identity: unknown): Promise<Session[]> {
    return this.#named('sessions', this.#sessions.list(identity));
  }

  /** Ends one of the sessions of an identity. It cannot end those of another. */
  endSession(identity: unknown, sid: string): Promise<void> {
    return this.#named('endSession', this.#sessions.end(identity, sid));
  }

  /**
   * The claims of an access or refresh token (flask: decode_token). Verifies everything except which of the two it is,
   * freshness and revocation: to let somebody in, use verifyToken. Throws InvalidTokenError, ExpiredTokenError or
   * CsrfError; and WrongTokenError for a token for one purpose.
   */
  decodeToken(encoded: string, options: DecodeOptions = {}): Promise<JwtClaims> {
    const claims = this.#decode(encoded, options).then((claims) => {
      if (claims.type !== 'purpose') return claims;
      throw new WrongTokenError('Tokens for one purpose are not allowed');
    });
    return this.#named('decodeToken', claims);
  }

  /** The `jti` of a token, by which it can be revoked (flask: get_jti). Throws as decodeToken does. */
  getJti(encoded: string): Promise<string | null> {
    const jti = this.#decode(encoded).then((claims) => claims.jti);
    return this.#named('getJti', jti);
  }

  /** The CSRF value of a token, which a front end sends back in a header (flask: get_csrf_token). */
  getCsrfToken(encoded: string): Promise<string> {
    const value = this.#decode(encoded).then(({ csrf }) => {
      if (typeof csrf === 'string') return csrf;
      throw new InvalidTokenError('Missing claim: csrf');
    });
    return this.#named('getCsrfToken', value);
  }

  /** The header of a token, unverified (flask: get_unverified_jwt_headers). Throws InvalidTokenError. */
  getUnverifiedHeader(encoded: string): JoseHeader {
    try {
      const header: Readonly<Record<string, unknown>> = CompactToken.parse(encoded).header;
      assertJoseHeader(header);
      return header;
    } catch (error) {
      throw this.#ours(error);
    }
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
   * that it refuses. Any other error came from a loader. Asks again at each call, so that a stream or socket can find
   * out whether its session has ended. It takes away nobody whom a guard has let in.
   */
  async verifyJwtInRequest(
    ctx: Context,
    options: Omit<GuardOptions, 'manager'> = {},
  ): Promise<JwtState | undefined> {
    return this.authenticate(notesOf(ctx), policyFrom(options, OPTIONS_BY_HAND), true);
  }

  /**
   * Holds a token that came by another way than HTTP to the policy of a guard: from a message of a WebSocket, the `auth` of
   * socket.io, a queue. Asks the store and the loaders at each call; their events have no `context`. Throws JwtError,
   * and JwtConfigurationError for wrong options. Any other error came from a loader.
   */
  verifyToken(encoded: string, options: VerifyTokenOptions = {}): Promise<VerifiedJwtState> {
    return this.#named('verifyToken', this.#verifyText(encoded, options));
  }

  /**
   * verifyToken for the request with which a WebSocket begins. Looks where the manager looks for tokens, or in the option
   * `locations`, but not for `json`. A cookie counts only with an `Origin` of this host or of the option `origins`, because
   * browsers let any page open a WebSocket with the cookies of its server; that stands for the CSRF value, which they
   * cannot send. Throws as verifyToken does, CsrfError, and NoAuthorizationError.
   */
  verifyUpgrade(request: IncomingMessage, options: UpgradeOptions = {}): Promise<JwtState> {
    return this.#named('verifyUpgrade', this.#verifyUpgrade(request, options));
  }

  /**
   * Tells an open connection when its token ends: resolves with the refusal that the token would get, once it has expired,
   * or the blocklist loader or the revocation store, asked every 30 seconds, has refused it. Never rejects. Resolves with
   * undefined when `signal` is aborted: do that when the connection closes. `state` is what verifyToken, verifyUpgrade or
   * a guard has let in. Throws JwtConfigurationError for wrong options.
   */
  watchToken(state: JwtState, options: WatchOptions = {}): Promise<JwtError | undefined> {
    return watchToken(state, options, this.#sessions, this.config).then((error) => {
      if (error !== undefined) this.#ours(error);
      return error;
    });
  }

  /**
   * What guards do: verifyJwtInRequest with a policy, asking nothing twice.
   * @internal
   */
  async authenticate(notes: RequestNotes, policy: Policy, isByHand = false): Promise<JwtState | undefined> {
    const ctx = notes.action.context as Context;
    if (ctx.method === 'OPTIONS') return undefined;
    try {
      const found = await this.#authenticator.find(ctx, policy, finders, notes);
      const state =
        found === undefined ? ANONYMOUS : await this.#authenticator.admit(found, policy, notes, isByHand);
      const admission = { by: this, policy, state, isByHand };
      if (jwtEvents.admitted.hasSubscribers) publishAdmission(ctx, admission);
      this.#admit(notes, admission);
      return state;
    } catch (error) {
      if (error instanceof JwtError) {
        error.refuser = this;
        await error.decideAnswer(ctx);
      }
      throw error;
    }
  }

  /**
   * Throws a refusal with its answer, which the answer loader may change.
   * @internal
   */
  async refuse(ctx: Context, error: JwtError): Promise<never> {
    error.refuser = this;
    await error.decideAnswer(ctx);
    throw error;
  }

  /**
   * Waits for nobody but an answer loader.
   * @internal
   */
  decideAnswer(error: JwtError, ctx: Context): Promise<void> | undefined {
    if (error instanceof KeysUnavailableError && !this.#reportedOutages.has(error.cause as object)) {
      // Once for each attempt to fetch them, because anyone can send tokens that need a key.
      this.#reportedOutages.add(error.cause as object);
      ctx.app.emit('error', new Error('A token could not be verified', { cause: error.cause }), ctx);
    }
    const { unverified } = notesOf(ctx);
    if (unverified !== undefined && error.code === 'ERR_JWT_INVALID' && managers.size > 1)
      void this.#tellWhose(unverified);
    const event = answerLoaderOf(error, this.#loaders);
    if (event !== undefined) return this.#askForAnswer(error, event, ctx);
    answerByDefault(error, this.config);
    if (jwtEvents.refused.hasSubscribers) publishRefused(error, ctx, error.status);
    return undefined;
  }

  async #askForAnswer(error: JwtError, event: AnswerLoader, ctx: Context): Promise<void> {
    let status: number | undefined;
    try {
      await answerByLoader(error, event, ctx, this.config, this.#loaders);
      ({ status } = error);
    } finally {
      if (jwtEvents.refused.hasSubscribers) publishRefused(error, ctx, status);
    }
  }

  /**
   * Puts an access token into its cookie, and its CSRF value into another (flask: set_access_cookies). Throws as
   * decodeToken does; InvalidTokenError for a token without a csrf claim, unless `cookieCsrfProtect` is off; and
   * TypeError for a refresh token, or one so long that browsers would drop the cookie.
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
    unsetTokenCookies(ctx, 'access', this.config, options);
    // Cookies of another path are of an older configuration. Those of today live on.
    const { path = this.config.accessCookiePath } = bare(options);
    if (path === this.config.accessCookiePath) notesOf(ctx).isAccessCookieSettled = true;
  }

  /** (flask: unset_refresh_cookies) */
  unsetRefreshCookies(ctx: Context, options: UnsetOptions = {}): void {
    unsetTokenCookies(ctx, 'refresh', this.config, options);
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

  /**
   * The loaders that this manager asks, and why some of them cannot be asked.
   * @internal
   */
  setup(action: Action | undefined): LoaderSetup {
    return this.#loaders.setup(action);
  }

  /**
   * In development, warns once when a refused token is one of another manager: the action names the wrong one, and
   * the client learns only that the signature is wrong.
   */
  async #tellWhose(text: string): Promise<void> {
    if (process.env['NODE_ENV'] === 'production') return;
    for (const [managerClass, reference] of managers) {
      const other = reference.deref();
      if (other === undefined || managerClass === this.constructor || this.#toldOf.has(managerClass))
        continue;
      if (!(await other.#accepts(text))) continue;
      this.#toldOf.add(managerClass);
      process.emitWarning(
        `${this.constructor.name} has refused a token that is good for ${other.constructor.name}: ` +
          'check the option manager of the guard, or which manager made the token',
      );
    }
  }

  /** Of a token that was sent to another manager. Never rejects, because nobody waits for the hint. */
  async #accepts(text: string): Promise<boolean> {
    try {
      // A loader is not for the tokens of others.
      if (this.#loaders.has('decodeKey')) return false;
      await this.#verifier.verify(text);
      return true;
    } catch {
      return false;
    }
  }

  #admit(notes: RequestNotes, later: Admission): void {
    const { guarded, admission } = notes;
    if (!later.isByHand) notes.guarded = guarded === undefined ? later : admissionAfter(guarded, later);
    notes.admission = admission === undefined ? later : admissionAfter(admission, later);
    (notes.action.context as Context).state.jwt = notes.admission.state;
  }

  async #verifyText(text: string, options: VerifyTokenOptions): Promise<VerifiedJwtState> {
    const policy = policyFrom(options, OPTIONS_OF_TOKENS);
    const given = { text, location: undefined, csrfValue: undefined };
    return this.#published(() => this.#authenticator.admit(given, policy));
  }

  async #verifyUpgrade(request: IncomingMessage, options: UpgradeOptions): Promise<JwtState> {
    const policy = upgradePolicyFrom(options);
    const upgrade = new UpgradeRequest(request, bare(options).origins ?? []);
    return this.#published<JwtState>(async () => {
      const found = await this.#authenticator.find(upgrade, policy, upgradeFinders);
      return found === undefined ? ANONYMOUS : this.#authenticator.admit(found, policy);
    });
  }

  /** Tells how a look at a token ended that did not come with a request of Koa. */
  async #published<State extends JwtState>(look: () => Promise<State>): Promise<State> {
    try {
      const state = await look();
      if (jwtEvents.admitted.hasSubscribers) publishAdmitted(state);
      return state;
    } catch (error) {
      if (jwtEvents.refused.hasSubscribers && error instanceof JwtError) publishRefused(error);
      throw error;
    }
  }

  async #decode(encoded: string, options: DecodeOptions = {}): Promise<JwtClaims> {
    const { csrfValue, allowExpired } = checkedOptions(options, DECODE_OPTIONS);
    // A header that did not come is undefined, which is no reason to check nothing.
    if (Object.hasOwn(options, 'csrfValue') && typeof csrfValue !== 'string')
      throw new CsrfError('Missing CSRF token');
    const token = await this.#verifier.verify(encoded);
    if (csrfValue !== undefined) checkCsrf(token, csrfValue);
    if (allowExpired !== true && hasExpired(token.payload, this.config)) throw new ExpiredTokenError(token);
    return token.payload;
  }

  async #rotate(ctx: Context): Promise<TokenPair> {
    const { admission, action } = notesOf(ctx);
    // A user admitted by another manager is unknown here.
    if (admission?.by !== this)
      throw new TypeError('rotate(ctx) is for requests that this very manager has let in');
    const { header, payload, identity, user } = getJwtState(ctx);
    if (header === undefined || payload?.type !== 'refresh')
      throw new TypeError('rotate(ctx) is for @RefreshJwtRequired() routes');
    try {
      // It was made before there was a store, so the store cannot tell whether it was used: its owner logs in again.
      if (payload['gen'] === undefined && this.#sessions.hasStore) {
        throw new RevokedTokenError({ header, payload, identity });
      }
      if (!this.#renewal.isOurs(payload)) {
        throw new InvalidTokenError('Only its own issuer can renew a token: log in here, or refresh there');
      }
      const { jti, next } = await this.#renewal.pair({ payload, identity, user, action });
      await this.#sessions.exchange({ context: ctx, header, payload, identity }, action, jti);
      return paired(next, this.config);
    } catch (error) {
      if (error instanceof JwtError) return this.refuse(ctx, error);
      throw error;
    }
  }

  /** Lets refusals carry the answer of this manager, and tells who forgets to await the result. */
  #named<Result>(call: string, result: Promise<Result>): Promise<Result> {
    return mustBeAwaited(
      result.catch((error: unknown) => {
        throw this.#ours(error);
      }),
      call,
    );
  }

  /** Without a request the answer is the default. Where the error is sent, the answer loaders are asked. */
  #ours(error: unknown): unknown {
    if (error instanceof JwtError && error.refuser === undefined) {
      error.refuser = this;
      answerByDefault(error, this.config);
    }
    return error;
  }

  #with(call: string, token: string | JwtClaims, end: (claims: JwtClaims) => Promise<void>): Promise<void> {
    const ended = async (): Promise<void> =>
      end(typeof token === 'string' ? await this.#decode(token, { allowExpired: true }) : bare(token));
    return this.#named(call, ended());
  }

  #setCookies(ctx: Context, type: TokenType, encoded: string, options: CookieOptions): Promise<void> {
    return this.#named(
      `set${type === 'access' ? 'Access' : 'Refresh'}Cookies`,
      this.#putCookies(ctx, type, encoded, options),
    );
  }

  async #putCookies(ctx: Context, type: TokenType, encoded: string, options: CookieOptions): Promise<void> {
    const payload = await this.#decode(encoded);
    if (payload.type !== type) throw new TypeError(`The ${type} cookie takes no ${payload.type} token`);
    // Otherwise every later POST with these cookies would be refused.
    if (this.config.cookieCsrfProtect && typeof payload.csrf !== 'string') {
      throw new InvalidTokenError('Missing claim: csrf');
    }
    setTokenCookies(ctx, type, encoded, payload, this.config, options);
    if (type === 'access') notesOf(ctx).isAccessCookieSettled = true;
  }
}

/** A container that has no manager may make one without options. Nobody has configured that one. */
function given(options: JwtOptions | undefined): JwtOptions {
  if (options !== undefined) return options;
  throw new JwtConfigurationError('A JwtManager needs a configuration: new JwtManager({ secretKey: … })');
}

function refuseOtherMajors(): void {
  const [other] = otherMajors();
  if (other === undefined) return;
  throw new JwtConfigurationError(
    `${other} is loaded too, and neither knows what the other guards: npm ls shows who installs it, keep one`,
  );
}

const BRAND = brand('JwtManager', JwtManager);

/** Whether a value is a manager, of any copy of this package. */
export function isManager(value: unknown): value is JwtManager {
  return typeof value === 'object' && value !== null && BRAND in value;
}

/** The class JwtManager of each copy of this package, by its file. A file that is loaded again replaces the earlier. */
export const managerClasses = shared('managers', () => new Map<string, Constructor>());
managerClasses.set(__filename, JwtManager);

// On import, because refusals of any manager are explained.
explainRefusals(process.env['DEBUG']);
