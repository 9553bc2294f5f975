import type { Context } from 'koa';
import type { JoseHeader, JwtClaims } from '../claims';
import type { KeyMaterial } from '../config/JwtKey';
import type { JwtAnswer, JwtError, VerifiedTokenError } from '../errors';

/** A token that has been verified. */
export interface VerifiedEvent {
  /**
   * The request that carried it. To read it throws TypeError for a token that did not come with a request of Koa:
   * verifyToken, verifyUpgrade and watchToken have none.
   */
  readonly context: Context;
  readonly header: JoseHeader;
  readonly payload: JwtClaims;
  readonly identity: unknown;
}

/** A refusal. Without a token that could be trusted, or of any kind for `@RefusalLoader()`. */
export interface RefusedEvent {
  readonly context: Context;
  readonly error: JwtError;
  /** Why, in words for the client. */
  readonly reason: string;
}

/** A refusal of a token that was verified. */
export interface RefusedTokenEvent extends VerifiedEvent {
  readonly error: VerifiedTokenError;
}

/** A token about to be made for an identity. */
export interface IssueEvent {
  /**
   * As it was passed to createAccessToken and the like. When a token is renewed: the user of the user loader, if an
   * identity loader expects one; otherwise the identity in the token.
   */
  readonly identity: unknown;
  readonly type: JwtClaims['type'];
  /** What a token of type `purpose` is for, as it was passed to createToken. */
  readonly purpose?: string;
}

/** The contents of a token, **unverified**: use them only to choose a key. */
export interface UnverifiedEvent {
  readonly unverifiedHeader: JoseHeader;
  readonly unverifiedPayload: Readonly<Record<string, unknown>>;
}

/** Every loader: what it receives and what it returns. */
export interface LoaderEvents {
  expiredToken: { receives: RefusedTokenEvent; returns: JwtAnswer };
  invalidToken: { receives: RefusedEvent; returns: JwtAnswer };
  unauthorized: { receives: RefusedEvent; returns: JwtAnswer };
  needsFreshToken: { receives: RefusedTokenEvent; returns: JwtAnswer };
  revokedToken: { receives: RefusedTokenEvent; returns: JwtAnswer };
  userLoaderError: { receives: RefusedTokenEvent; returns: JwtAnswer };
  claimsVerificationFailed: { receives: RefusedTokenEvent; returns: JwtAnswer };
  refusal: { receives: RefusedEvent; returns: JwtAnswer };
  claimsVerification: { receives: VerifiedEvent; returns: boolean };
  tokenInBlocklist: { receives: VerifiedEvent; returns: boolean };
  refreshTokenReused: { receives: VerifiedEvent; returns: unknown };
  user: { receives: VerifiedEvent; returns: unknown };
  userIdentity: { receives: IssueEvent; returns: unknown };
  userClaims: { receives: IssueEvent; returns: Readonly<Record<string, unknown>> };
  additionalHeaders: { receives: IssueEvent; returns: Readonly<Record<string, unknown>> };
  encodeKey: { receives: IssueEvent; returns: KeyMaterial };
  decodeKey: { receives: UnverifiedEvent; returns: KeyMaterial | null | undefined };
}

export type LoaderEvent = keyof LoaderEvents;
export type Receives<Event extends LoaderEvent> = LoaderEvents[Event]['receives'];
export type Returns<Event extends LoaderEvent> = LoaderEvents[Event]['returns'];

/** What the class for an event must implement. The container makes it, so anything can be injected into it. */
export interface JwtLoader<Event extends LoaderEvent> {
  load(event: Receives<Event>): Returns<Event> | Promise<Returns<Event>>;
}

export type ExpiredTokenLoaderInterface = JwtLoader<'expiredToken'>;
export type InvalidTokenLoaderInterface = JwtLoader<'invalidToken'>;
export type UnauthorizedLoaderInterface = JwtLoader<'unauthorized'>;
export type NeedsFreshTokenLoaderInterface = JwtLoader<'needsFreshToken'>;
export type RevokedTokenLoaderInterface = JwtLoader<'revokedToken'>;
export type UserLoaderErrorLoaderInterface = JwtLoader<'userLoaderError'>;
export type ClaimsVerificationFailedLoaderInterface = JwtLoader<'claimsVerificationFailed'>;
export type RefusalLoaderInterface = JwtLoader<'refusal'>;
export type ClaimsVerificationLoaderInterface = JwtLoader<'claimsVerification'>;
export type TokenInBlocklistLoaderInterface = JwtLoader<'tokenInBlocklist'>;
export type RefreshTokenReusedLoaderInterface = JwtLoader<'refreshTokenReused'>;
export type UserLoaderInterface = JwtLoader<'user'>;
export type UserIdentityLoaderInterface = JwtLoader<'userIdentity'>;
export type UserClaimsLoaderInterface = JwtLoader<'userClaims'>;
export type AdditionalHeadersLoaderInterface = JwtLoader<'additionalHeaders'>;
export type EncodeKeyLoaderInterface = JwtLoader<'encodeKey'>;
export type DecodeKeyLoaderInterface = JwtLoader<'decodeKey'>;
