import { randomUUID } from 'node:crypto';
import type { Lifetime } from './config/lifetime';
import type { JwtConfig } from './JwtConfig';
import type { JwtKeys } from './key/JwtKeys';
import type { Loaders } from './loader/Loaders';
import type { Sessions } from './revocation/Sessions';
import type { Members } from './token/additional';
import { newClaims } from './token/newClaims';
import { signToken } from './token/signToken';
import type { JwtClaims, TokenType } from './VerifiedToken';

/** What a new token may have of its own. */
export interface RefreshTokenOptions {
  /** How long it lives, in seconds or with a unit; `false` for ever. Default: as configured. */
  readonly expires?: Lifetime | undefined;
  /** Win over those of the user claims loader. May override iat, nbf, exp, iss and aud, and no other of ours. */
  readonly additionalClaims?: Members | undefined;
  /** Win over those of the additional headers loader. */
  readonly additionalHeaders?: Members | undefined;
  /** For the list of sessions, as you like to show it. */
  readonly userAgent?: string | undefined;
}

export interface AccessTokenOptions extends Omit<RefreshTokenOptions, 'userAgent'> {
  /** Whether it comes straight from a log-in; or for how long it counts as if, in seconds or with a unit. */
  readonly fresh?: Lifetime | true | undefined;
  /** The session that it belongs to and ends with: the `sid` claim of a refresh token. */
  readonly sid?: string | undefined;
}

/** What the tokens of a log-in may have of their own. */
export interface TokenPairOptions extends Omit<AccessTokenOptions & RefreshTokenOptions, 'sid'> {
  /** How long the refresh token lives, and the session with it; `expires` is for the access token. */
  readonly refreshExpires?: Lifetime | undefined;
}

/** The two tokens of one log-in; they end together. */
export interface TokenPair {
  readonly accessToken: string;
  readonly refreshToken: string;
}

/** What only this library says of a new token. */
export interface Inherited {
  /** The identity as it stands in the token that it follows: nobody is asked for it again. */
  readonly name?: unknown;
  /** There is no user to show to the loaders that add claims and headers. */
  readonly isUserUnknown?: boolean;
  /** Claims of the token that it follows; everything else wins over them. */
  readonly kept?: Members;
  /** `jti`, `sid` and `gen`, where they are known beforehand. */
  readonly own?: Members;
  /** Seconds since 1970 that it may not outlive. */
  readonly latest?: number | undefined;
}

export interface IssuedToken {
  readonly encoded: string;
  readonly claims: JwtClaims;
}

/** Makes tokens: asks the loaders, enrols what is made with the revocation store, signs. */
export class Issuer {
  constructor(
    private readonly config: JwtConfig,
    private readonly keys: JwtKeys,
    private readonly loaders: Loaders,
    private readonly sessions: Sessions,
  ) {}

  async issueAccess(identity: unknown, options: AccessTokenOptions): Promise<string> {
    refuseUnknown(options, ['fresh', 'sid', ...TOKEN_OPTIONS]);
    return (await this.issue('access', identity, options)).encoded;
  }

  async issueRefresh(identity: unknown, options: RefreshTokenOptions): Promise<string> {
    refuseUnknown(options, ['userAgent', ...TOKEN_OPTIONS]);
    return (await this.issue('refresh', identity, options)).encoded;
  }

  async issuePair(identity: unknown, options: TokenPairOptions): Promise<TokenPair> {
    refuseUnknown(options, ['fresh', 'userAgent', 'refreshExpires', ...TOKEN_OPTIONS]);
    const { fresh, expires, refreshExpires, ...both } = options;
    const own = { sid: randomUUID() };
    const refresh = await this.issue('refresh', identity, { ...both, expires: refreshExpires }, { own });
    const access = await this.issue('access', identity, { ...both, fresh, expires }, inSession(refresh));
    return { accessToken: access.encoded, refreshToken: refresh.encoded };
  }

  /** `identity` is as the application has it; loaders see it so, and one of them may make a string of it. */
  async issue(
    type: TokenType,
    identity: unknown,
    options: AccessTokenOptions & RefreshTokenOptions,
    { name, isUserUnknown = false, kept, own = {}, latest }: Inherited = {},
  ): Promise<IssuedToken> {
    const event = { identity, type };
    const claims = isUserUnknown ? undefined : await this.loaders.ask('userClaims', event);
    const headers = isUserUnknown ? undefined : await this.loaders.ask('additionalHeaders', event);
    const named = name === undefined ? await this.loaders.ask('userIdentity', event) : { answer: name };
    const key = await this.keys.signing(event);
    const made = newClaims(
      {
        type,
        identity: named === undefined ? identity : named.answer,
        fresh: options.fresh ?? false,
        expires: options.expires,
        latest,
        own: options.sid === undefined ? own : { sid: options.sid, ...own },
        additionalClaims: [kept, claims?.answer, options.additionalClaims],
      },
      this.config,
    );
    const isEnrolled = own['gen'] !== undefined;
    const enrolled = isEnrolled ? made : { ...made, ...(await this.sessions.enrol(made, options.userAgent)) };
    return {
      encoded: signToken(enrolled, [headers?.answer, options.additionalHeaders], key),
      claims: enrolled,
    };
  }
}

/** What an access token takes over from the refresh token of its session, which it must not outlive. */
export function inSession({ claims: { sid, gen, exp } }: IssuedToken): Inherited {
  return { own: gen === undefined ? { sid } : { sid, gen }, latest: exp };
}

const TOKEN_OPTIONS = ['expires', 'additionalClaims', 'additionalHeaders'];

/** A misspelt `expires` would silently make a token that lives as long as any other. */
function refuseUnknown(options: object, known: readonly string[]): void {
  const unknown = Object.keys(options).find((name) => !known.includes(name));
  if (unknown !== undefined) throw new TypeError(`Unknown option ${unknown}: known are ${known.join(', ')}`);
}
