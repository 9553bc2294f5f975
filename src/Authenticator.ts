import type { Context } from 'koa';
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
import { Admission, AdmissionMemo } from './request/Admission';
import { findToken } from './request/findToken';
import { ANONYMOUS, type JwtState } from './request/JwtState';
import type { Policy } from './request/Policy';
import type { Sessions } from './revocation/Sessions';
import { checkCsrf } from './token/checkCsrf';
import { hasExpired, isFresh } from './token/checkedClaims';
import { assertHeader, parseCompact } from './token/compact';
import { verifyToken } from './token/verifyToken';
import type { TokenType, VerifiedToken } from './VerifiedToken';

/** Finds out who a request is, asking each question about it at most once. */
export class Authenticator {
  readonly #memo = new AdmissionMemo();

  constructor(
    private readonly config: JwtConfig,
    private readonly keys: JwtKeys,
    private readonly loaders: Loaders,
    private readonly sessions: Sessions,
  ) {}

  /** Holds a request to a policy. The order of these checks decides which refusal is answered: throws JwtError. */
  async authenticate(ctx: Context, policy: Policy): Promise<JwtState> {
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
    if (policy.checkRevocation) await admission.once('revocation', () => this.checkRevocation(ctx, token));
    await admission.once('claims', () => this.#checkClaims(ctx, token));
    const user = await admission.once('user', () => this.#loadUser(ctx, token));
    const { header, payload, identity } = token;
    return Object.freeze({ identity: identity as string, payload, header, location: found.location, user });
  }

  /** Everything about a token that does not depend on a request, but for its having expired. */
  async verify(encoded: string): Promise<VerifiedToken> {
    const token = parseCompact(encoded);
    const trust = this.keys.trustFor(token);
    assertHeader(token.header, trust);
    return verifyToken(token, await trust.keyFor(token), trust.rules);
  }

  /** Asks the blocklist loader and the revocation store, as many as there are. Throws RevokedTokenError. */
  async checkRevocation(ctx: Context, token: VerifiedToken): Promise<void> {
    if (!this.loaders.has('tokenInBlocklist') && this.config.revocationStore === undefined) return;
    // Without an identifier nobody can know it, so it cannot be waved through either.
    if (token.payload.jti === null) throw new InvalidTokenError('Missing claim: jti');
    const event = { context: ctx, ...token };
    if (await this.loaders.decide('tokenInBlocklist', event, actionOf(ctx)))
      throw new RevokedTokenError(token);
    await this.sessions.check(ctx, token);
  }

  async #admission(ctx: Context, text: string): Promise<Admission> {
    const known = this.#memo.recall(ctx, text);
    if (known !== undefined) return known;
    const admission = new Admission(text, await this.verify(text));
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
