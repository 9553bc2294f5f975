import { randomUUID } from 'node:crypto';
import type { Context } from 'koa';
import { getFromContainer } from 'routing-controllers';
import { JwtConfigurationError, RevokedTokenError, StoreUnavailableError } from '../errors';
import type { JwtConfig } from '../JwtConfig';
import type { Loaders } from '../loader/Loaders';
import { actionOf } from '../request/actionOf';
import type { RevocationStore, Session, TokenFacts, Verdict } from '../RevocationStore';
import type { JwtClaims, VerifiedToken } from '../VerifiedToken';
import { LimitedStore } from './LimitedStore';

/** What a manager asks its revocation store, if it has one: within the time limit, and closed on failure. */
export class Sessions {
  readonly #limited: LimitedStore;

  constructor(
    private readonly config: JwtConfig,
    private readonly loaders: Loaders,
  ) {
    this.#limited = new LimitedStore(config.storeTimeout);
  }

  /** Throws RevokedTokenError, and StoreUnavailableError unless that is to be let pass. */
  async check(ctx: Context, token: VerifiedToken): Promise<void> {
    if (this.config.revocationStore === undefined) return;
    const facts = this.#factsOf(token.payload);
    let verdict;
    try {
      verdict = await this.#ask((store) => store.check(facts, this.config.rotationGrace), soundVerdict);
    } catch (error) {
      this.#unavailable(ctx, error);
      return;
    }
    if (verdict === 'valid') return;
    if (verdict === 'reused') await this.#reused(ctx, token, facts);
    throw new RevokedTokenError(token);
  }

  /** The claims by which a new token can be revoked: its generation, and of a refresh token its session. */
  async enrol(claims: JwtClaims, userAgent: string | undefined): Promise<{ gen?: number; sid?: string }> {
    if (this.config.revocationStore === undefined) return {};
    const { identity, sid = randomUUID(), type, until } = this.#factsOf(claims);
    if (type === 'access')
      return { gen: await this.#ask((store) => store.generation(identity), soundGeneration) };
    const started = {
      identity,
      sid,
      jti: String(claims.jti),
      ...(until !== undefined && { until }),
      ...(userAgent !== undefined && { userAgent }),
    };
    return { sid, gen: await this.#ask((store) => store.startSession(started), soundGeneration) };
  }

  /** Uses up the refresh token of a request for the one with `jti`. Throws RevokedTokenError. */
  async rotate(ctx: Context, token: VerifiedToken, jti: string): Promise<void> {
    const facts = this.#factsOf(token.payload);
    const verdict = await this.#ask(
      (store) => store.rotate(facts, jti, this.config.rotationGrace),
      soundVerdict,
    );
    if (verdict === 'valid') return;
    if (verdict === 'reused') await this.#reused(ctx, token, facts);
    throw new RevokedTokenError(token);
  }

  revoke(claims: JwtClaims): Promise<void> {
    const facts = this.#factsOf(claims);
    if (facts.jti === null) throw new TypeError('A token without a jti cannot be revoked by itself');
    return this.#ask((store) => store.revoke(facts));
  }

  revokeSession(claims: JwtClaims): Promise<void> {
    const { identity, sid, gen } = this.#factsOf(claims);
    if (sid === undefined || gen === undefined) return this.revoke(claims);
    return this.#ask((store) => store.endSession(identity, sid));
  }

  async revokeAll(identity: unknown): Promise<void> {
    const name = await this.#nameOf(identity);
    return this.#ask((store) => store.revokeAll(name));
  }

  async list(identity: unknown): Promise<Session[]> {
    const name = await this.#nameOf(identity);
    return this.#ask((store) => store.sessions(name));
  }

  async end(identity: unknown, sid: string): Promise<void> {
    const name = await this.#nameOf(identity);
    return this.#ask((store) => store.endSession(name, sid));
  }

  /** An identity as it stands in tokens, be it given so or as createAccessToken was given it. */
  async #nameOf(identity: unknown): Promise<string> {
    if (typeof identity === 'string') return identity;
    const named = await this.loaders.ask('userIdentity', { identity, type: 'access' });
    const name = named === undefined ? identity : named.answer;
    // Anything else would revoke nothing, and say nothing.
    if (typeof name === 'string' || !this.config.verifySub) return nameOf(name);
    throw new TypeError('The identity must be the string that stands in its tokens');
  }

  #ask<Answer>(
    question: (store: RevocationStore) => Answer | Promise<Answer>,
    sound = (answer: Answer): Answer => answer,
  ): Promise<Answer> {
    const { revocationStore: store } = this.config;
    if (store === undefined) {
      throw new JwtConfigurationError(
        'There is no revocation store: give one, such as revocationStore: new MemoryRevocationStore()',
      );
    }
    return this.#limited.ask(
      () => (typeof store === 'function' ? getFromContainer<RevocationStore>(store) : store),
      question,
      sound,
    );
  }

  /** A refresh token that was used up comes again: somebody has a copy. Nobody can say who, so the session ends. */
  async #reused(ctx: Context, token: VerifiedToken, { identity, sid }: TokenFacts): Promise<void> {
    await this.#ask((store) => store.endSession(identity, String(sid)));
    await this.loaders.ask('refreshTokenReused', { context: ctx, ...token }, actionOf(ctx));
  }

  #unavailable(ctx: Context, error: unknown): void {
    if (!(error instanceof StoreUnavailableError)) throw error;
    // A store that is not what it was asked to be is a mistake, and no outage to get over.
    const isMistake = error.cause instanceof JwtConfigurationError;
    const isLetIn = this.config.onStoreFailure === 'allow' && !isMistake;
    const what = isLetIn ? 'A token was let in that could not be checked' : 'A token could not be checked';
    ctx.app.emit('error', new Error(what, { cause: error.cause }), ctx);
    if (!isLetIn) throw error;
  }

  #factsOf(claims: JwtClaims): TokenFacts {
    const { type, jti, sid, gen, iat, exp } = claims;
    const leeway = this.config.decodeLeeway;
    return {
      identity: nameOf(claims[this.config.identityClaim]),
      type,
      jti,
      ...(typeof sid === 'string' && { sid }),
      ...(typeof gen === 'number' && { gen }),
      ...(iat !== undefined && { iat: iat - leeway }),
      ...(exp !== undefined && { until: exp + leeway }),
    };
  }
}

/** A store is not held to its types when it runs: whatever else it says counts as no answer. */
function soundVerdict(verdict: Verdict): Verdict {
  if ((['valid', 'revoked', 'reused'] as unknown[]).includes(verdict)) return verdict;
  throw new TypeError("The revocation store's verdict must be 'valid', 'revoked' or 'reused'");
}

function soundGeneration(generation: number): number {
  if (Number.isSafeInteger(generation) && generation >= 0) return generation;
  throw new TypeError("The revocation store's generation must be 0 or a positive whole number");
}

/** Identities are strings, unless `verifySub` is off. */
function nameOf(identity: unknown): string {
  return typeof identity === 'string' ? identity : JSON.stringify(identity);
}
