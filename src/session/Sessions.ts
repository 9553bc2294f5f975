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
import { jwtEvents } from '../events/jwtEvents';
import { tokenMessage } from '../events/tokenMessage';
import type { VerifiedEvent } from '../loader/LoaderEvents';
import type { Loaders } from '../loader/Loaders';
import { sessionDetails, type Session, type TokenFacts, type Verdict } from '../store/RevocationStore';
import { isIdentity } from '../token/assertIdentity';
import { endOfFamily, isInSession, withFirstOfFamily } from './family';
import { isThenable } from './isThenable';
import { StoreCalls } from './StoreCalls';

/** In milliseconds. */
const WARNING_INTERVAL = 10_000;

/** May a token still come in? Asks the blocklist loader and the revocation store, and ends sessions. */
export class Sessions {
  readonly #store: StoreCalls | undefined;
  #quietUntil = 0;

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

  /**
   * Throws RevokedTokenError; and StoreUnavailableError, unless `onStoreFailure` lets such tokens in. Without an
   * `action` the token did not come with a request. A second use of a refresh token ends its session, but `isUse: false`
   * only asks about a token that was used before.
   */
  async check(event: VerifiedEvent, action: Action | undefined, isUse = true): Promise<void> {
    if (!this.canRevoke) return;
    // A token without an identifier cannot be on any list, so it is refused.
    if (event.payload.jti === null) throw new InvalidTokenError('Missing claim: jti');
    for (const payload of withFirstOfFamily(event.payload)) {
      if (
        this.loaders.has('tokenInBlocklist') &&
        (await this.loaders.decide('tokenInBlocklist', withPayload(event, payload), action))
      )
        throw new RevokedTokenError(tokenOf(event));
      if (this.#store === undefined) continue;
      const facts = this.#factsOf(payload);
      let verdict: Verdict;
      try {
        const response = this.#store.call('check', facts, this.config.rotationGrace);
        verdict = isThenable(response) ? await response : response;
      } catch (error) {
        this.#reportOutage(action, error);
        continue;
      }
      if (verdict === 'valid') continue;
      if (!isUse) throw new RevokedTokenError(tokenOf(event));
      await this.#refuse(verdict, event, action, facts);
    }
  }

  /**
   * Uses up a token, once. Throws RevokedTokenError for one that was used or revoked before; StoreUnavailableError even
   * with `onStoreFailure: 'allow'`, because nobody could tell how often; and JwtConfigurationError when no store can.
   */
  async spend(token: VerifiedToken, action: Action | undefined): Promise<void> {
    const store = this.#required;
    let isFirst: boolean;
    try {
      isFirst = await store.call('spend', this.#factsOf(token.payload));
    } catch (error) {
      const { cause } = error as StoreUnavailableError;
      if (cause instanceof JwtConfigurationError) throw cause;
      if (action !== undefined) emitError(action, 'A token could not be used up', cause);
      throw error;
    }
    if (!isFirst) throw new RevokedTokenError(token);
  }

  /** Exchanges a refresh token for the one with `jti`, once. Throws RevokedTokenError. */
  async exchange(event: VerifiedEvent, action: Action, jti: string): Promise<void> {
    const facts = this.#factsOf(event.payload);
    const verdict = await this.#required.call('rotate', facts, jti, this.config.rotationGrace);
    if (verdict !== 'valid') await this.#refuse(verdict, event, action, facts);
  }

  /** The generation of the identity of a new token, by which it can be revoked. Undefined without a store. */
  async generation(claims: JwtClaims): Promise<number | undefined> {
    return this.#store?.call('generation', this.#factsOf(claims).identity);
  }

  /** Starts the session of a new refresh token. Returns the generation of its identity. */
  async start(claims: JwtClaims, userAgent: string | undefined): Promise<number> {
    const { identity, sid, jti, until } = this.#factsOf(claims);
    const session = bare({
      identity,
      sid: String(sid),
      jti: String(jti),
      ...sessionDetails(until, userAgent),
    });
    return this.#required.call('startSession', session, this.config.maxSessions);
  }

  async revoke(claims: JwtClaims): Promise<void> {
    const end = endOfFamily(claims, this.config);
    const facts = this.#factsOf(end === undefined ? claims : { ...claims, exp: end });
    if (facts.jti === null) throw new TypeError('A token without a jti cannot be revoked by itself');
    for (const { jti } of withFirstOfFamily(claims)) await this.#required.call('revoke', { ...facts, jti });
    if (jwtEvents.revoked.hasSubscribers) {
      const { identity, sid, jti } = facts;
      jwtEvents.revoked.publish({ scope: 'token', identity, ...(sid !== undefined && { sid }), jti });
    }
  }

  async revokeSession(claims: JwtClaims): Promise<void> {
    const { identity, sid } = this.#factsOf(claims);
    if (sid === undefined || !isInSession(claims)) await this.revoke(claims);
    else await this.#end(identity, sid);
  }

  async revokeAll(identity: unknown): Promise<void> {
    for (const name of await this.#namesOf(identity)) {
      await this.#required.call('revokeAll', name);
      if (jwtEvents.revoked.hasSubscribers) jwtEvents.revoked.publish({ scope: 'identity', identity: name });
    }
  }

  /** Those of the identity that tokens have, if it has any, because an account page shows them. */
  async list(identity: unknown): Promise<Session[]> {
    let sessions: Session[] = [];
    for (const name of await this.#namesOf(identity)) {
      sessions = await this.#required.call('sessions', name);
      if (sessions.length > 0) break;
    }
    return sessions;
  }

  async end(identity: unknown, sid: string): Promise<void> {
    for (const name of await this.#namesOf(identity)) await this.#end(name, sid);
  }

  async #end(identity: string, sid: string): Promise<void> {
    await this.#required.call('endSession', identity, sid);
    if (jwtEvents.revoked.hasSubscribers) jwtEvents.revoked.publish({ scope: 'session', identity, sid });
  }

  /**
   * How stores know an identity that was passed as tokens have it, or as createAccessToken takes it. Where it may be
   * either, both: to end too much is better than to end nothing.
   */
  async #namesOf(identity: unknown): Promise<ReadonlySet<string>> {
    // A string is never a mistake here, because old tokens may have any.
    const isInTokens = typeof identity === 'string' || isIdentity(identity, this.config);
    const names = new Set(isInTokens ? [identityText(identity)] : []);
    const named = await this.#nameGiven(identity, isInTokens);
    if (named !== undefined && isIdentity(named.answer, this.config)) names.add(identityText(named.answer));
    // Anything else would silently revoke nothing.
    if (names.size > 0) return names;
    throw new TypeError('The identity must be the string that stands in its tokens');
  }

  /** What the identity loader makes of an identity. One that is for users only may well trip over a string. */
  async #nameGiven(
    identity: unknown,
    isInTokens: boolean,
  ): Promise<{ readonly answer: unknown } | undefined> {
    try {
      return await this.loaders.ask('userIdentity', { identity, type: 'access' });
    } catch (error) {
      if (isInTokens && error instanceof TypeError) return undefined;
      throw error;
    }
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
    action: Action | undefined,
    { identity, sid }: TokenFacts,
  ): Promise<never> {
    if (verdict === 'reused') {
      if (jwtEvents.reused.hasSubscribers) {
        jwtEvents.reused.publish(tokenMessage(event.payload, event.identity));
      }
      await this.#end(identity, String(sid));
      await this.loaders.ask('refreshTokenReused', event, action);
    }
    throw new RevokedTokenError(tokenOf(event));
  }

  /** Throws the error, unless the configuration lets a token in that cannot be checked. */
  #reportOutage(action: Action | undefined, error: unknown): void {
    if (!(error instanceof StoreUnavailableError)) throw error;
    // A misconfigured store is no outage.
    const isMistake = error.cause instanceof JwtConfigurationError;
    const isLetIn = this.config.onStoreFailure === 'allow' && !isMistake;
    const what = isLetIn ? 'A token was let in that could not be checked' : 'A token could not be checked';
    if (action !== undefined) emitError(action, what, error.cause);
    else if (isLetIn) this.#warn(what, error.cause);
    if (!isLetIn) throw error;
  }

  /** Without a request there is no application to tell. Ten thousand sockets need no ten thousand lines. */
  #warn(what: string, cause: unknown): void {
    if (performance.now() < this.#quietUntil) return;
    this.#quietUntil = performance.now() + WARNING_INTERVAL;
    process.emitWarning(`${what}: ${cause instanceof Error ? cause.message : String(cause)}`);
  }

  #factsOf(claims: JwtClaims): TokenFacts {
    const { type, jti, sid, gen, iat, exp } = claims;
    const leeway = this.config.decodeLeeway;
    const facts: { -readonly [Name in keyof TokenFacts]: TokenFacts[Name] } = bare({
      identity: identityText(claims[this.config.identityClaim]),
      type: type === 'refresh' ? type : 'access',
      jti,
    });
    if (typeof sid === 'string') facts.sid = sid;
    if (typeof gen === 'number') facts.gen = gen;
    if (iat !== undefined) facts.iat = iat - leeway;
    if (exp !== undefined) facts.until = exp + leeway;
    return facts;
  }
}

function emitError(action: Action, what: string, cause: unknown): void {
  const ctx = action.context as Context;
  ctx.app.emit('error', new Error(what, { cause }), ctx);
}

/** The event of another token of its family. Inherits, because there may be no request to copy. */
function withPayload(event: VerifiedEvent, payload: JwtClaims): VerifiedEvent {
  if (payload === event.payload) return event;
  return Object.create(event, bare({ payload: bare({ value: payload, enumerable: true }) })) as VerifiedEvent;
}

function tokenOf({ header, payload, identity }: VerifiedEvent): VerifiedToken {
  return { header, payload, identity };
}
