import type { KeyObject } from 'node:crypto';
import type { Context } from 'koa';
import { isPromise } from './config/isPromise';
import {
  ClaimsVerificationError,
  ExpiredTokenError,
  FreshTokenRequiredError,
  InvalidTokenError,
  NoAuthorizationError,
  RevokedTokenError,
  UserLoaderError,
  WrongTokenError,
} from './errors';
import type { JwtConfig } from './JwtConfig';
import type { JwtKeys } from './key/JwtKeys';
import type { Loaders } from './loader/Loaders';
import { actionOf } from './request/actionOf';
import { AdmissionMemo, type Admission } from './request/Admission';
import { findToken } from './request/findToken';
import type { FoundToken } from './request/FoundToken';
import { ANONYMOUS, type JwtState } from './request/JwtState';
import type { Policy } from './request/Policy';
import type { Sessions } from './revocation/Sessions';
import { checkCsrf } from './token/checkCsrf';
import { checkClaims, hasExpired, isFresh } from './token/claims';
import { assertHeader, parseCompact } from './token/compact';
import { CompactToken } from './token/CompactToken';
import { SeenHeaders } from './token/SeenHeaders';
import { TokenCache, type KnownToken } from './token/TokenCache';
import type { ClaimRules } from './token/Trust';
import { verifyToken } from './token/verifyToken';
import type { TokenType, VerifiedToken } from './VerifiedToken';

/** Finds out who a request is, asking each question about it at most once. */
export class Authenticator {
  readonly #memo = new AdmissionMemo();
  readonly #cache: TokenCache | undefined;
  readonly #headers = new SeenHeaders();

  constructor(
    private readonly config: JwtConfig,
    private readonly keys: JwtKeys,
    private readonly loaders: Loaders,
    private readonly sessions: Sessions,
  ) {
    const { tokenCacheEntries, tokenCacheBytes } = config;
    if (tokenCacheEntries > 0) this.#cache = new TokenCache(tokenCacheEntries, tokenCacheBytes);
  }

  /**
   * Holds a request to a policy: finds its token, verifies it, judges it, and asks about it. A promise only where
   * somebody has to be waited for. Throws JwtError.
   */
  authenticate(ctx: Context, policy: Policy): JwtState | Promise<JwtState> {
    let found;
    try {
      found = findToken(ctx, this.config, policy);
    } catch (error) {
      return anonymous(error, policy);
    }
    if (!isPromise(found)) return this.#admit(ctx, policy, found);
    return found.then(
      (read) => this.#admit(ctx, policy, read),
      (error: unknown) => anonymous(error, policy),
    );
  }

  #admit(ctx: Context, policy: Policy, found: FoundToken): JwtState | Promise<JwtState> {
    const known = this.#memo.recall(ctx, found.text);
    if (known !== undefined) return this.#judge(ctx, policy, found, known);
    const keep = (token: VerifiedToken): Admission => this.#memo.keep(ctx, { text: found.text, token });
    const token = this.verify(found.text);
    return isPromise(token)
      ? token.then((verified) => this.#judge(ctx, policy, found, keep(verified)))
      : this.#judge(ctx, policy, found, keep(token));
  }

  /** The order of these checks decides which refusal is answered. */
  #judge(
    ctx: Context,
    policy: Policy,
    found: FoundToken,
    admission: Admission,
  ): JwtState | Promise<JwtState> {
    const { token } = admission;
    if (found.csrfValue !== undefined) checkCsrf(token, found.csrfValue);
    if (hasExpired(token.payload, this.config)) throw new ExpiredTokenError(token);
    checkType(token.payload.type, policy.tokenType);
    if (policy.fresh && !isFresh(token.payload)) throw new FreshTokenRequiredError(token);
    const mayBeRevoked = policy.checkRevocation && this.#isRevocable;
    const hasLoader = this.loaders.has('claimsVerification') || this.loaders.has('user');
    return mayBeRevoked || hasLoader
      ? this.#ask(ctx, policy, found, admission)
      : stateOf(token, found, undefined);
  }

  async #ask(ctx: Context, policy: Policy, found: FoundToken, admission: Admission): Promise<JwtState> {
    const { token } = admission;
    if (policy.checkRevocation) await (admission.revocation ??= this.checkRevocation(ctx, token));
    await (admission.claims ??= this.#checkClaims(ctx, token));
    return stateOf(token, found, await (admission.user ??= this.#loadUser(ctx, token)));
  }

  /**
   * Everything about a token that does not depend on a request, but for its having expired. A promise only where a
   * loader or another issuer has to be asked for the key.
   */
  verify(encoded: string): VerifiedToken | Promise<VerifiedToken> {
    const known = this.#cache?.get(encoded);
    const token = known ?? parseCompact(encoded, this.#headers);
    const trust = this.keys.trustFor(token);
    assertHeader(token.header, trust);
    const key = trust.keyFor(token);
    return isPromise(key)
      ? key.then((loaded) => this.#hold(encoded, token, loaded, trust.rules))
      : this.#hold(encoded, token, key, trust.rules);
  }

  /** Holds a token to its key, unless it was held to the same before, and to the rules. */
  #hold(encoded: string, token: KnownToken | CompactToken, key: KeyObject, rules: ClaimRules): VerifiedToken {
    if (!(token instanceof CompactToken)) {
      if (token.key === key || token.key.equals(key)) {
        checkClaims(token.claims, rules);
        return token.verified;
      }
      this.#cache?.forget(encoded);
      return this.#hold(encoded, parseCompact(encoded, this.#headers), key, rules);
    }
    const verified = verifyToken(token, key, rules);
    const { header, headerSegment, claims } = token;
    if (!token.hasSeenHeader) this.#headers.keep(headerSegment, header);
    if (!hasExpired(verified.payload, this.config)) {
      this.#cache?.keep(encoded, { header, claims, key, verified });
    }
    return verified;
  }

  /** Asks the blocklist loader and the revocation store, as many as there are. Throws RevokedTokenError. */
  async checkRevocation(ctx: Context, token: VerifiedToken): Promise<void> {
    if (!this.#isRevocable) return;
    // Without an identifier nobody can know it, so it cannot be waved through either.
    if (token.payload.jti === null) throw new InvalidTokenError('Missing claim: jti');
    const event = { context: ctx, ...token };
    if (await this.loaders.decide('tokenInBlocklist', event, actionOf(ctx)))
      throw new RevokedTokenError(token);
    await this.sessions.check(ctx, token);
  }

  get #isRevocable(): boolean {
    return this.config.revocationStore !== undefined || this.loaders.has('tokenInBlocklist');
  }

  async #checkClaims(ctx: Context, token: VerifiedToken): Promise<void> {
    const verified = await this.loaders.decide(
      'claimsVerification',
      { context: ctx, ...token },
      actionOf(ctx),
    );
    if (verified === false) throw new ClaimsVerificationError(token);
  }

  async #loadUser(ctx: Context, token: VerifiedToken): Promise<unknown> {
    const loaded = await this.loaders.ask('user', { context: ctx, ...token }, actionOf(ctx));
    if (loaded === undefined) return undefined;
    if (loaded.answer === null || loaded.answer === undefined) throw new UserLoaderError(token);
    return loaded.answer;
  }
}

/** What became of a request in which no token was found. */
function anonymous(error: unknown, policy: Policy): JwtState {
  if (policy.demand === 'optional' && error instanceof NoAuthorizationError) return ANONYMOUS;
  throw error;
}

function stateOf(token: VerifiedToken, { location }: FoundToken, user: unknown): JwtState {
  const { identity, payload, header } = token;
  return Object.freeze({ identity: identity as string, payload, header, location, user });
}

function checkType(type: TokenType, wanted: Policy['tokenType']): void {
  if (wanted === 'either' || type === wanted) return;
  throw new WrongTokenError(
    wanted === 'access' ? 'Only non-refresh tokens are allowed' : 'Only refresh tokens are allowed',
  );
}
