import { randomUUID } from 'node:crypto';
import type { Context } from 'koa';
import type { Action } from 'routing-controllers';
import { bare, identityText, type JwtClaims, type VerifiedToken } from '../claims';
import type { JwtConfig } from '../config/JwtConfig';
import {
  InvalidTokenError,
  JwtConfigurationError,
  RevokedTokenError,
  StoreUnavailableError,
} from '../errors';
import type { VerifiedEvent } from '../loader/LoaderEvents';
import type { Loaders } from '../loader/Loaders';
import type { Session, TokenFacts, Verdict } from '../store/RevocationStore';
import { StoreCalls } from './StoreCalls';

/** May a token still come in? Asks the blocklist loader and the revocation store, and ends sessions. */
export class Sessions {
  readonly #store: StoreCalls | undefined;

  constructor(
    private readonly config: JwtConfig,
    private readonly loaders: Loaders,
  ) {
    const { revocationStore, storeTimeout } = config;
    if (revocationStore !== undefined) this.#store = new StoreCalls(revocationStore, storeTimeout);
  }

  get hasStore(): boolean {
    return this.#store !== undefined;
  }

  /** Whether there is a blocklist loader or a revocation store to ask. */
  get canRevoke(): boolean {
    return this.#store !== undefined || this.loaders.has('tokenInBlocklist');
  }

  /** Throws RevokedTokenError; and StoreUnavailableError, unless `onStoreFailure` lets such tokens in. */
  async check(event: VerifiedEvent, action: Action): Promise<void> {
    if (!this.canRevoke) return;
    // A token without an identifier cannot be on any list, so it is refused.
    if (event.payload.jti === null) throw new InvalidTokenError('Missing claim: jti');
    if (await this.loaders.decide('tokenInBlocklist', event, action))
      throw new RevokedTokenError(tokenOf(event));
    if (this.#store === undefined) return;
    const facts = this.#factsOf(event.payload);
    let verdict: Verdict;
    try {
      verdict = await this.#store.call('check', facts, this.config.rotationGrace);
    } catch (error) {
      this.#reportOutage(event.context, error);
      return;
    }
    if (verdict !== 'valid') await this.#refuse(verdict, event, action, facts);
  }

  /** Exchanges a refresh token for the one with `jti`, once. Throws RevokedTokenError. */
  async exchange(event: VerifiedEvent, action: Action, jti: string): Promise<void> {
    const facts = this.#factsOf(event.payload);
    const verdict = await this.#required.call('rotate', facts, jti, this.config.rotationGrace);
    if (verdict !== 'valid') await this.#refuse(verdict, event, action, facts);
  }

  /** Adds the claims by which a new token can be revoked: its generation, and for a refresh token its session. */
  async register(claims: JwtClaims, userAgent: string | undefined): Promise<JwtClaims> {
    if (this.#store === undefined) return claims;
    const { identity, sid = randomUUID(), type, until } = this.#factsOf(claims);
    if (type === 'access') return bare({ ...claims, gen: await this.#store.call('generation', identity) });
    const session = bare({
      identity,
      sid,
      jti: String(claims.jti),
      ...(until !== undefined && { until }),
      ...(userAgent !== undefined && { userAgent }),
    });
    return bare({ ...claims, sid, gen: await this.#store.call('startSession', session) });
  }

  async revoke(claims: JwtClaims): Promise<void> {
    const facts = this.#factsOf(claims);
    if (facts.jti === null) throw new TypeError('A token without a jti cannot be revoked by itself');
    await this.#required.call('revoke', facts);
  }

  async revokeSession(claims: JwtClaims): Promise<void> {
    const { identity, sid, gen } = this.#factsOf(claims);
    if (sid === undefined || gen === undefined) await this.revoke(claims);
    else await this.#required.call('endSession', identity, sid);
  }

  async revokeAll(identity: unknown): Promise<void> {
    await this.#required.call('revokeAll', await this.#nameOf(identity));
  }

  async list(identity: unknown): Promise<Session[]> {
    return this.#required.call('sessions', await this.#nameOf(identity));
  }

  async end(identity: unknown, sid: string): Promise<void> {
    await this.#required.call('endSession', await this.#nameOf(identity), sid);
  }

  /** An identity as tokens have it: passed so, or as createAccessToken takes it. */
  async #nameOf(identity: unknown): Promise<string> {
    if (typeof identity === 'string') return identity;
    const named = await this.loaders.ask('userIdentity', { identity, type: 'access' });
    const name = named === undefined ? identity : named.answer;
    // Anything else would silently revoke nothing.
    if (typeof name === 'string' || !this.config.verifySub) return identityText(name);
    throw new TypeError('The identity must be the string that stands in its tokens');
  }

  get #required(): StoreCalls {
    if (this.#store !== undefined) return this.#store;
    throw new JwtConfigurationError(
      'There is no revocation store: give one, such as revocationStore: new MemoryRevocationStore()',
    );
  }

  /** A reused refresh token was copied. Nobody can say by whom, so its session ends. */
  async #refuse(
    verdict: Verdict,
    event: VerifiedEvent,
    action: Action,
    { identity, sid }: TokenFacts,
  ): Promise<never> {
    if (verdict === 'reused') {
      await this.#required.call('endSession', identity, String(sid));
      await this.loaders.ask('refreshTokenReused', event, action);
    }
    throw new RevokedTokenError(tokenOf(event));
  }

  /** Throws the error, unless the configuration lets a token in that cannot be checked. */
  #reportOutage(ctx: Context, error: unknown): void {
    if (!(error instanceof StoreUnavailableError)) throw error;
    // A misconfigured store is no outage.
    const isMistake = error.cause instanceof JwtConfigurationError;
    const isLetIn = this.config.onStoreFailure === 'allow' && !isMistake;
    const what = isLetIn ? 'A token was let in that could not be checked' : 'A token could not be checked';
    ctx.app.emit('error', new Error(what, { cause: error.cause }), ctx);
    if (!isLetIn) throw error;
  }

  #factsOf(claims: JwtClaims): TokenFacts {
    const { type, jti, sid, gen, iat, exp } = claims;
    const leeway = this.config.decodeLeeway;
    return bare({
      identity: identityText(claims[this.config.identityClaim]),
      type,
      jti,
      ...(typeof sid === 'string' && { sid }),
      ...(typeof gen === 'number' && { gen }),
      ...(iat !== undefined && { iat: iat - leeway }),
      ...(exp !== undefined && { until: exp + leeway }),
    });
  }
}

function tokenOf({ header, payload, identity }: VerifiedEvent): VerifiedToken {
  return { header, payload, identity };
}
