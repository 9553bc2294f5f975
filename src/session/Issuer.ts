import { createHash, randomUUID } from 'node:crypto';
import type { Action } from 'routing-controllers';
import { bare, type JwtClaims } from '../claims';
import type { JwtConfig } from '../config/JwtConfig';
import type { Lifetime } from '../config/lifetime';
import { kindsByName } from '../config/option';
import { anything } from '../config/optionKinds';
import { checkedOptions } from '../config/checkedOptions';
import type { OwnKeys } from '../key/OwnKeys';
import type { Loaders } from '../loader/Loaders';
import { namesToKeep, newToken, type JsonObject, type NewToken } from '../token/newToken';
import type { SigningKey } from '../token/SigningKey';
import { signToken } from '../token/signToken';
import { familyOf } from './family';
import { handedOut, type IssuedPair, type IssuedToken } from './IssuedToken';
import type { Sessions } from './Sessions';

/** The options of createRefreshToken. */
export interface RefreshTokenOptions {
  /** Its lifetime, in seconds or with a unit. `false`: it never expires. Default: as configured. */
  readonly expires?: Lifetime | undefined;
  /**
   * Win over those of the user claims loader. May set iat, nbf, exp (seconds since 1970), iss and aud, but no other
   * claim of ours. Undefined members are left out.
   */
  readonly additionalClaims?: JsonObject | undefined;
  /** Win over those of the additional headers loader. */
  readonly additionalHeaders?: JsonObject | undefined;
  /** For the list of sessions, in any form. */
  readonly userAgent?: string | undefined;
}

/** The options of createAccessToken. */
export interface AccessTokenOptions extends Omit<RefreshTokenOptions, 'userAgent'> {
  /** Whether it comes straight from a log-in; or for how long it counts so, in seconds or with a unit. */
  readonly fresh?: Lifetime | true | undefined;
  /** The session to which it belongs and with which it ends: the `sid` claim of a refresh token. */
  readonly sid?: string | undefined;
}

/** The options of createToken. */
export interface PurposeTokenOptions extends Omit<RefreshTokenOptions, 'expires' | 'userAgent'> {
  /** Its lifetime, in seconds or with a unit. Every such token ends. Default: 15 minutes. */
  readonly expires?: number | string | undefined;
}

/** The options of createTokenPair. */
export interface TokenPairOptions extends Omit<AccessTokenOptions & RefreshTokenOptions, 'sid'> {
  /** The lifetime of the refresh token, and of the session with it. `expires` is that of the access token. */
  readonly refreshExpires?: Lifetime | undefined;
}

/** The two tokens of one log-in. They end together. */
export interface TokenPair {
  readonly accessToken: string;
  readonly refreshToken: string;
}

/** What a token takes over from the token that it follows. */
export interface FromPredecessor {
  /** The identity in that token. The identity loader is not asked again. */
  readonly identity: unknown;
  /** Win over those of the user claims loader. */
  readonly claims: JsonObject;
  /** Their names, if there was a claims loader too. */
  readonly kept: readonly string[];
  readonly csrf: string | undefined;
  /** The request that carried it. */
  readonly action: Action;
}

/** Claims that are known before the token is made, and limits for it. */
interface Given {
  readonly from?: FromPredecessor | undefined;
  /** Claims of ours, such as `sid`. */
  readonly own?: JsonObject;
  readonly csrf?: string | undefined;
  /** Seconds since 1970. */
  readonly latest?: number | undefined;
}

/** Only the store tells the generation, but it is 0 for everybody who was never logged out everywhere. */
const LIKELY = 0;

/** A token for which the store has not been asked yet. */
interface Draft extends NewToken {
  readonly key: SigningKey;
}

/** Makes tokens: asks the loaders, signs the token, registers it with the revocation store. */
export class Issuer {
  constructor(
    private readonly config: JwtConfig,
    private readonly keys: OwnKeys,
    private readonly loaders: Loaders,
    private readonly sessions: Sessions,
  ) {}

  async accessToken(identity: unknown, options?: AccessTokenOptions): Promise<string> {
    const draft = await this.#draft('access', identity, checkedOptions(options, ACCESS_OPTIONS));
    return handedOut(signed(draft, await this.sessions.generation(draft.claims)), this.config);
  }

  async purposeToken(purpose: string, identity: unknown, options?: PurposeTokenOptions): Promise<string> {
    if (typeof (purpose as unknown) !== 'string' || purpose === '') {
      throw new TypeError("Name the purpose: createToken('password-reset', identity)");
    }
    const given = checkedOptions(options, PURPOSE_OPTIONS);
    const draft = await this.#draft('purpose', identity, given, { own: { purpose } });
    return handedOut(signed(draft, await this.sessions.generation(draft.claims)), this.config);
  }

  async refreshToken(identity: unknown, options?: RefreshTokenOptions): Promise<string> {
    const given = checkedOptions(options, REFRESH_OPTIONS);
    const own = this.sessions.hasStore ? { sid: randomUUID(), gen: LIKELY } : {};
    const draft = await this.#draft('refresh', identity, given, { own });
    const [token] = await this.#startSession([draft], given.userAgent);
    return handedOut(token, this.config);
  }

  async pair(identity: unknown, options?: TokenPairOptions): Promise<TokenPair> {
    const { fresh, expires, refreshExpires, userAgent, ...both } = checkedOptions(options, PAIR_OPTIONS);
    const own = { sid: randomUUID(), ...(this.sessions.hasStore && { gen: LIKELY }) };
    const refresh = await this.#draft('refresh', identity, { ...both, expires: refreshExpires }, { own });
    const access = await this.#draft('access', identity, { ...both, fresh, expires }, this.#beside(refresh));
    return paired(await this.#startSession([refresh, access], userAgent), this.config);
  }

  /** The refresh token with `jti` that follows another one of its session, and an access token. Nobody gets them yet. */
  async nextPair(
    identity: unknown,
    { sid, gen, exp }: JwtClaims,
    jti: string,
    from: FromPredecessor,
  ): Promise<IssuedPair> {
    const expires = exp === undefined ? false : undefined;
    const given = { from, own: { sid, gen, jti }, csrf: from.csrf, latest: exp };
    const refresh = await this.#draft('refresh', identity, { expires }, given);
    const access = await this.#draft('access', identity, {}, { from, ...this.#beside(refresh) });
    return [signed(refresh), signed(access)];
  }

  /** The access token that follows another one, with a lifetime in seconds. */
  async nextAccessToken(
    identity: unknown,
    claims: JwtClaims,
    expires: number | undefined,
    from: FromPredecessor,
  ): Promise<IssuedToken> {
    const { sid, gen, until } = claims;
    const family = familyOf(claims);
    const own = {
      ...(typeof sid === 'string' && { sid }),
      ...(typeof gen === 'number' && { gen }),
      ...(typeof until === 'number' && { until }),
      ...(family !== undefined && { family }),
    };
    const latest = own.until;
    const draft = await this.#draft('access', identity, { expires }, { from, own, csrf: from.csrf, latest });
    // Another generation would undo a log-out everywhere that came between.
    return signed(draft, own.gen === undefined ? await this.sessions.generation(draft.claims) : undefined);
  }

  /** Loaders see the identity as the application passed it. One of them may turn it into a string. */
  async #draft(
    type: JwtClaims['type'],
    identity: unknown,
    given: AccessTokenOptions,
    known: Given = {},
  ): Promise<Draft> {
    const { from, own = {}, csrf, latest } = bare(known);
    const options = bare(given);
    const { purpose } = bare(own);
    const event = { identity, type, ...(typeof purpose === 'string' && { purpose }) };
    const action = from?.action;
    const added = await this.loaders.ask('userClaims', event, action);
    const headers = await this.loaders.ask('additionalHeaders', event, action);
    const named = from === undefined ? await this.loaders.ask('userIdentity', event) : undefined;
    const key = this.keys.signing(await this.loaders.ask('encodeKey', event, action));
    const { sid, fresh = false, expires, additionalClaims } = options;
    const isTold = added !== undefined && additionalClaims != null;
    const kept = isTold ? namesToKeep(additionalClaims) : (from?.kept ?? []);
    const token = newToken(
      {
        type,
        identity: from?.identity ?? (named === undefined ? identity : named.answer),
        source:
          named === undefined ? 'was passed in' : `${this.loaders.nameOf('userIdentity')}.load() returned`,
        fresh,
        expires,
        latest,
        own: { ...(sid !== undefined && { sid }), ...own, ...(kept.length > 0 && { kept }) },
        csrf,
        additionalClaims: [added?.answer, from?.claims, additionalClaims],
        additionalHeaders: [headers?.answer, options.additionalHeaders],
      },
      key,
      this.config,
    );
    return { ...token, key };
  }

  /** Signs the tokens of a new session, the refresh token first, and starts it. */
  async #startSession<Drafts extends readonly [Draft, ...Draft[]]>(
    drafts: Drafts,
    userAgent: string | undefined,
  ): Promise<{ readonly [Each in keyof Drafts]: IssuedToken }> {
    type Issued = { readonly [Each in keyof Drafts]: IssuedToken };
    const all = (gen?: number): Issued => drafts.map((draft) => signed(draft, gen)) as unknown as Issued;
    // Signed first, because no session may start for a token that cannot be made.
    const likely = all();
    if (!this.sessions.hasStore) return likely;
    const gen = await this.sessions.start(drafts[0].claims, userAgent);
    return gen === LIKELY ? likely : all(gen);
  }

  /** What an access token takes over from the refresh token of its session, which it must not outlive. */
  #beside({ claims: { sid, gen, exp, csrf } }: NewToken): Given {
    const isRenewedAlone = this.config.implicitRefreshWithin !== false && exp !== undefined;
    const own = { sid, ...(gen !== undefined && { gen }), ...(isRenewedAlone && { until: exp }) };
    return { own, csrf: csrf === undefined ? undefined : csrfBeside(csrf), latest: exp };
  }
}

function signed({ header, claims: known, key }: Draft, gen?: number): IssuedToken {
  const claims = gen === undefined ? known : bare({ ...known, gen });
  return { encoded: signToken({ header, claims }, key), claims };
}

/** Hands out the tokens of a session. */
export function paired([refresh, access]: IssuedPair, config: JwtConfig): TokenPair {
  return { accessToken: handedOut(access, config), refreshToken: handedOut(refresh, config) };
}

/**
 * The CSRF value of the access token beside a refresh token. It follows from the other, so that a form outlives a
 * rotation; but who reads it cannot use the refresh cookie.
 */
function csrfBeside(csrf: string): string {
  const hash = createHash('sha256').update(`access ${csrf}`).digest('hex');
  // In the form of the other values, a UUID.
  return [
    hash.slice(0, 8),
    hash.slice(8, 12),
    `4${hash.slice(12, 15)}`,
    `a${hash.slice(15, 18)}`,
    hash.slice(18, 30),
  ].join('-');
}

const both = { expires: anything, additionalClaims: anything, additionalHeaders: anything };
const ACCESS_OPTIONS = kindsByName<AccessTokenOptions>({ fresh: anything, sid: anything, ...both });
const REFRESH_OPTIONS = kindsByName<RefreshTokenOptions>({ userAgent: anything, ...both });
const PURPOSE_OPTIONS = kindsByName<PurposeTokenOptions>(both);
const PAIR_OPTIONS = kindsByName<TokenPairOptions>({
  fresh: anything,
  userAgent: anything,
  refreshExpires: anything,
  ...both,
});
