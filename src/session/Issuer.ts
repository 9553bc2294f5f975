import { randomUUID } from 'node:crypto';
import { bare, type JwtClaims, type TokenType } from '../claims';
import type { JwtConfig } from '../config/JwtConfig';
import type { Lifetime } from '../config/lifetime';
import type { OptionKind } from '../config/option';
import { anything } from '../config/optionKinds';
import { optionProblems } from '../config/optionProblems';
import type { OwnKeys } from '../key/OwnKeys';
import type { Loaders } from '../loader/Loaders';
import { newToken, type JsonObject } from '../token/newToken';
import { signToken } from '../token/signToken';
import type { Sessions } from './Sessions';

/** The options of createRefreshToken. */
export interface RefreshTokenOptions {
  /** Its lifetime, in seconds or with a unit. `false`: it never expires. Default: as configured. */
  readonly expires?: Lifetime | undefined;
  /** Win over those of the user claims loader. May set iat, nbf, exp, iss and aud, but no other claim of ours. */
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
  /** There is no user that loaders for claims and headers could be given. */
  readonly isUserUnknown: boolean;
  /** Everything else wins over these claims. */
  readonly claims: JsonObject;
}

/** Claims that are known before the token is made, and limits for it. */
interface Given {
  readonly from?: FromPredecessor;
  /** `jti`, `sid` and `gen`. */
  readonly own?: JsonObject;
  /** The store knows its session already, or must not be told of it again. */
  readonly isRegistered?: boolean;
  /** Seconds since 1970. */
  readonly latest?: number | undefined;
}

export interface IssuedToken {
  readonly encoded: string;
  readonly claims: JwtClaims;
}

/** Makes tokens: asks the loaders, registers the token with the revocation store, signs it. */
export class Issuer {
  constructor(
    private readonly config: JwtConfig,
    private readonly keys: OwnKeys,
    private readonly loaders: Loaders,
    private readonly sessions: Sessions,
  ) {}

  async accessToken(identity: unknown, options?: AccessTokenOptions): Promise<string> {
    return (await this.#issue('access', identity, checked(options, ACCESS_OPTIONS))).encoded;
  }

  async refreshToken(identity: unknown, options?: RefreshTokenOptions): Promise<string> {
    return (await this.#issue('refresh', identity, checked(options, REFRESH_OPTIONS))).encoded;
  }

  async pair(identity: unknown, options?: TokenPairOptions): Promise<TokenPair> {
    const { fresh, expires, refreshExpires, ...both } = checked(options, PAIR_OPTIONS);
    const own = { sid: randomUUID() };
    const refresh = await this.#issue('refresh', identity, { ...both, expires: refreshExpires }, { own });
    const access = await this.#issue('access', identity, { ...both, fresh, expires }, inSession(refresh));
    return { accessToken: access.encoded, refreshToken: refresh.encoded };
  }

  /** The refresh token with `jti` that follows another one of its session, and an access token. */
  async nextPair(
    identity: unknown,
    { sid, gen, exp }: JwtClaims,
    jti: string,
    from: FromPredecessor,
  ): Promise<TokenPair> {
    const expires = exp === undefined ? false : undefined;
    const given = { from, own: { sid, gen, jti }, isRegistered: true, latest: exp };
    const refresh = await this.#issue('refresh', identity, { expires }, given);
    const access = await this.#issue('access', identity, {}, { from, ...inSession(refresh) });
    return { accessToken: access.encoded, refreshToken: refresh.encoded };
  }

  /** The access token that follows another one, with a lifetime in seconds. */
  nextAccessToken(
    identity: unknown,
    { sid, gen }: JwtClaims,
    expires: number | undefined,
    from: FromPredecessor,
  ): Promise<IssuedToken> {
    const own = { ...(typeof sid === 'string' && { sid }), ...(typeof gen === 'number' && { gen }) };
    // Registering it again would undo a log-out everywhere that came between.
    return this.#issue('access', identity, { expires }, { from, own, isRegistered: own.gen !== undefined });
  }

  /** Loaders see the identity as the application passed it. One of them may turn it into a string. */
  async #issue(
    type: TokenType,
    identity: unknown,
    given: AccessTokenOptions & RefreshTokenOptions,
    known: Given = {},
  ): Promise<IssuedToken> {
    const options = bare(given);
    const { from, own = {}, isRegistered = false, latest } = bare(known);
    const event = { identity, type };
    const isUserKnown = from?.isUserUnknown !== true;
    const added = isUserKnown ? await this.loaders.ask('userClaims', event) : undefined;
    const headers = isUserKnown ? await this.loaders.ask('additionalHeaders', event) : undefined;
    const named = from === undefined ? await this.loaders.ask('userIdentity', event) : undefined;
    const key = this.keys.signing(await this.loaders.ask('encodeKey', event));
    const { header, claims } = newToken(
      {
        type,
        identity: from?.identity ?? (named === undefined ? identity : named.answer),
        fresh: options.fresh ?? false,
        expires: options.expires,
        latest,
        own: options.sid === undefined ? own : { sid: options.sid, ...own },
        additionalClaims: [from?.claims, added?.answer, options.additionalClaims],
        additionalHeaders: [headers?.answer, options.additionalHeaders],
      },
      key,
      this.config,
    );
    const made = isRegistered ? claims : await this.sessions.register(claims, options.userAgent);
    return { encoded: signToken({ header, claims: made }, key), claims: made };
  }
}

/** What an access token takes over from the refresh token of its session, which it must not outlive. */
function inSession({ claims: { sid, gen, exp } }: IssuedToken): Given {
  return { own: gen === undefined ? { sid } : { sid, gen }, isRegistered: gen !== undefined, latest: exp };
}

type Names<Options> = Readonly<Record<keyof Options, OptionKind>>;

const both = { expires: anything, additionalClaims: anything, additionalHeaders: anything };
const access: Names<AccessTokenOptions> = { fresh: anything, sid: anything, ...both };
const refresh: Names<RefreshTokenOptions> = { userAgent: anything, ...both };
const pair: Names<TokenPairOptions> = {
  fresh: anything,
  userAgent: anything,
  refreshExpires: anything,
  ...both,
};
const [ACCESS_OPTIONS, REFRESH_OPTIONS, PAIR_OPTIONS] = [access, refresh, pair].map(
  (kinds) => new Map(Object.entries(kinds)),
) as [Map<string, OptionKind>, Map<string, OptionKind>, Map<string, OptionKind>];

/** Throws TypeError for unknown names: a misspelt `expires` would silently make a token with the default lifetime. */
function checked<Options extends object>(
  options: Options | undefined,
  kinds: ReadonlyMap<string, OptionKind>,
): Partial<Options> {
  if (options === undefined) return {};
  const [problem] = optionProblems(options, kinds);
  if (problem !== undefined) throw new TypeError(problem);
  return bare(options);
}
