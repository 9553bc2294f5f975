import type { Context } from 'koa';
import type { Action } from 'routing-controllers';
import type { Lifetime } from './config/lifetime';
import {
  ClaimsVerificationError,
  ExpiredTokenError,
  FreshTokenRequiredError,
  InvalidTokenError,
  JwtConfigurationError,
  JwtError,
  NoAuthorizationError,
  RevokedTokenError,
  UserLoaderError,
  WrongTokenError,
} from './errors';
import { JwtConfig, type JwtOptions } from './JwtConfig';
import { answerRefusal } from './loader/answerRefusal';
import { JwtKeys } from './loader/JwtKeys';
import type { VerifiedEvent } from './loader/LoaderEvents';
import { Loaders } from './loader/Loaders';
import { actionOf } from './request/actionOf';
import { Admission, AdmissionMemo } from './request/Admission';
import { findToken } from './request/findToken';
import { ANONYMOUS, type JwtState } from './request/JwtState';
import { policyFrom, type GuardOptions, type Policy } from './request/Policy';
import { hasExpired, isFresh } from './token/checkedClaims';
import { parseCompact } from './token/compact';
import { checkCsrf } from './token/checkCsrf';
import { issueToken } from './token/issueToken';
import { verifyToken } from './token/verifyToken';
import type { JoseHeader, JwtClaims, TokenType, VerifiedToken } from './VerifiedToken';

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
  readonly #memo = new AdmissionMemo();

  constructor(options: JwtOptions) {
    this.config = new JwtConfig(options);
    this.#loaders = new Loaders(this.config.loaders);
    this.#keys = new JwtKeys(this.config, this.#loaders);
  }

  /**
   * A token that opens protected routes (flask: create_access_token). Not fresh unless `fresh` says so.
   * Throws TypeError for claims that are not JSON or are the library's own.
   */
  createAccessToken(identity: unknown, options: AccessTokenOptions = {}): Promise<string> {
    return this.#issue('access', identity, options);
  }

  /** A token good for nothing but `@RefreshJwtRequired()` routes (flask: create_refresh_token). */
  createRefreshToken(identity: unknown, options: RefreshTokenOptions = {}): Promise<string> {
    return this.#issue('refresh', identity, options);
  }

  /**
   * The claims of a token that is no request's (flask: decode_token): verified, but for its type, freshness and
   * revocation. Throws InvalidTokenError, ExpiredTokenError or CsrfError.
   */
  async decodeToken(encoded: string, options: DecodeOptions = {}): Promise<JwtClaims> {
    const token = await this.#verified(encoded);
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
      const state = await this.#admitted(ctx, policy);
      ctx.state.jwt = state;
      return state;
    } catch (error) {
      if (error instanceof JwtError) await answerRefusal(error, ctx, this.config, this.#loaders);
      throw error;
    }
  }

  /** The user of a request that a guard has admitted: what the user loader returned. */
  currentUser(state: JwtState): unknown {
    if (this.#loaders.has('user')) return state.user;
    throw new JwtConfigurationError('There is no user to load: register a class with @UserLoader()');
  }

  /** One request held to one policy, in the order of checks that decides which refusal is answered. */
  async #admitted(ctx: Context, policy: Policy): Promise<JwtState> {
    let found;
    try {
      found = await findToken(ctx, this.config, policy);
    } catch (error) {
      if (policy.demand === 'optional' && error instanceof NoAuthorizationError) return ANONYMOUS;
      throw error;
    }
    const admission = await this.#admission(ctx, found.text);
    const { token } = admission;
    if (found.csrfValue !== undefined) checkCsrf(token, found.csrfValue);
    if (hasExpired(token.payload, this.config)) throw new ExpiredTokenError(token);
    checkType(token.payload.type, policy.tokenType);
    if (policy.fresh && !isFresh(token.payload)) throw new FreshTokenRequiredError(token);

    const event = { context: ctx, ...token };
    const action = actionOf(ctx);
    if (policy.checkRevocation)
      await admission.once('revocation', () => this.#checkRevocation(event, action, token));
    await admission.once('claims', () => this.#checkClaims(event, action, token));
    const user = await admission.once('user', () => this.#loadUser(event, action, token));
    const { header, payload, identity } = token;
    return Object.freeze({ identity: identity as string, payload, header, location: found.location, user });
  }

  async #admission(ctx: Context, text: string): Promise<Admission> {
    const known = this.#memo.recall(ctx, text);
    if (known !== undefined) return known;
    const admission = new Admission(text, await this.#verified(text));
    this.#memo.keep(ctx, admission);
    return admission;
  }

  async #checkRevocation(event: VerifiedEvent, action: Action, token: VerifiedToken): Promise<void> {
    if (!this.#loaders.has('tokenInBlocklist')) return;
    // Without an identifier no blocklist can know it, so it cannot be waved through either.
    if (token.payload.jti === null) throw new InvalidTokenError('Missing claim: jti');
    if (await this.#loaders.decide('tokenInBlocklist', event, action)) throw new RevokedTokenError(token);
  }

  async #checkClaims(event: VerifiedEvent, action: Action, token: VerifiedToken): Promise<void> {
    const verified = await this.#loaders.decide('claimsVerification', event, action);
    if (verified === false) throw new ClaimsVerificationError(token);
  }

  async #loadUser(event: VerifiedEvent, action: Action, token: VerifiedToken): Promise<unknown> {
    const loaded = await this.#loaders.ask('user', event, action);
    if (loaded === undefined) return undefined;
    if (loaded.answer === null || loaded.answer === undefined) throw new UserLoaderError(token);
    return loaded.answer;
  }

  async #verified(encoded: string): Promise<VerifiedToken> {
    const token = parseCompact(encoded, this.config);
    return verifyToken(token, await this.#keys.verification(token), this.config);
  }

  async #issue(type: TokenType, identity: unknown, options: AccessTokenOptions): Promise<string> {
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
      additionalClaims: [claims, options.additionalClaims],
      additionalHeaders: [headers, options.additionalHeaders],
    };
    return issueToken(request, key, this.config);
  }
}

function checkType(type: TokenType, wanted: Policy['tokenType']): void {
  if (wanted === 'either' || type === wanted) return;
  throw new WrongTokenError(
    wanted === 'access' ? 'Only non-refresh tokens are allowed' : 'Only refresh tokens are allowed',
  );
}
