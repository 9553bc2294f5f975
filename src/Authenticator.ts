import type { KeyObject } from 'node:crypto';
import type { Context } from 'koa';
import { LRUCache } from 'lru-cache';
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
import { ANONYMOUS, type JwtState } from './request/JwtState';
import type { Policy } from './request/Policy';
import type { Sessions } from './revocation/Sessions';
import { checkCsrf } from './token/checkCsrf';
import { checkClaims, hasExpired, isFresh } from './token/claims';
import { assertHeader, parseCompact } from './token/compact';
import { TokenCache, type KnownToken } from './token/TokenCache';
import type { Trust } from './token/Trust';
import { verifyToken } from './token/verifyToken';
import type { JoseHeader, TokenType, VerifiedToken } from './VerifiedToken';

/** Finds out who a request is, asking each question about it at most once. */
export class Authenticator {
  readonly #memo = new AdmissionMemo();
  readonly #cache: TokenCache | undefined;
  /** Those of good tokens, which are few: one for each key, as a rule. */
  readonly #headers = new LRUCache<string, JoseHeader>({ max: 32 });

  constructor(
    private readonly config: JwtConfig,
    private readonly keys: JwtKeys,
    private readonly loaders: Loaders,
    private readonly sessions: Sessions,
  ) {
    const { tokenCacheEntries, tokenCacheBytes } = config;
    if (tokenCacheEntries > 0) this.#cache = new TokenCache(tokenCacheEntries, tokenCacheBytes);
  }

  /** Holds a request to a policy. The order of these checks decides which refusal is answered: throws JwtError. */
  async authenticate(ctx: Context, policy: Policy): Promise<JwtState> {
    let found;
    try {
      found = await findToken(ctx, this.config, policy);
    } catch (error) {
      if (policy.demand === 'optional' && error instanceof NoAuthorizationError) return ANONYMOUS;
      throw error;
    }
    const admission = this.#memo.recall(ctx, found.text) ?? (await this.#admission(ctx, found.text));
    const { token } = admission;
    if (found.csrfValue !== undefined) checkCsrf(token, found.csrfValue);
    if (hasExpired(token.payload, this.config)) throw new ExpiredTokenError(token);
    checkType(token.payload.type, policy.tokenType);
    if (policy.fresh && !isFresh(token.payload)) throw new FreshTokenRequiredError(token);
    if (policy.checkRevocation && this.#isRevocable) {
      await (admission.revocation ??= this.checkRevocation(ctx, token));
    }
    if (this.loaders.has('claimsVerification')) await (admission.claims ??= this.#checkClaims(ctx, token));
    const user = this.loaders.has('user') ? await (admission.user ??= this.#loadUser(ctx, token)) : undefined;
    const { header, payload, identity } = token;
    return Object.freeze({ identity: identity as string, payload, header, location: found.location, user });
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
    return key instanceof Promise
      ? key.then((loaded) => this.#verified(encoded, known, loaded, trust))
      : this.#verified(encoded, known, key, trust);
  }

  #verified(encoded: string, known: KnownToken | undefined, key: KeyObject, { rules }: Trust): VerifiedToken {
    if (known !== undefined && (known.key === key || known.key.equals(key))) {
      checkClaims(known.claims, rules);
      return known.verified;
    }
    this.#cache?.forget(encoded);
    const token = parseCompact(encoded, this.#headers);
    const verified = verifyToken(token, key, rules);
    const { header, headerSegment, claims } = token;
    this.#headers.set(headerSegment, header);
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

  async #admission(ctx: Context, text: string): Promise<Admission> {
    const admission: Admission = { text, token: await this.verify(text) };
    this.#memo.keep(ctx, admission);
    return admission;
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

function checkType(type: TokenType, wanted: Policy['tokenType']): void {
  if (wanted === 'either' || type === wanted) return;
  throw new WrongTokenError(
    wanted === 'access' ? 'Only non-refresh tokens are allowed' : 'Only refresh tokens are allowed',
  );
}
