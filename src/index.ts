export { JwtManager } from './JwtManager';
export type { AccessTokenOptions, RefreshTokenOptions, TokenPair, TokenPairOptions } from './Issuer';
export type { DecodeOptions } from './JwtManager';
export type { PublicJwk } from './key/KeyRing';
export { RevocationStore } from './RevocationStore';
export type { NewSession, Session, TokenFacts, Verdict } from './RevocationStore';
export { exchangedRefreshTokens, isGoodRefreshToken } from './revocation/refreshTokens';
export type { RefreshTokens } from './revocation/refreshTokens';
export { MemoryRevocationStore } from './revocation/MemoryRevocationStore';
export { RedisRevocationStore } from './revocation/RedisRevocationStore';
export type { RedisCommands, RedisRevocationStoreOptions } from './revocation/RedisRevocationStore';
export type { CookieOptions, UnsetOptions } from './request/tokenCookies';
export { JwtConfig } from './JwtConfig';
export type { Constructor, JwtIssuer, JwtKey, KeyMaterial, TokenLocation } from './config/OptionTable';
export type { JwtOptions } from './JwtConfig';
export type { Algorithm } from './config/algorithms';
export type { Lifetime } from './config/lifetime';
export type { JoseHeader, JwtClaims, TokenType, VerifiedToken } from './VerifiedToken';
export {
  ClaimsVerificationError,
  CsrfError,
  ExpiredTokenError,
  FreshTokenRequiredError,
  InvalidHeaderError,
  InvalidTokenError,
  JwtConfigurationError,
  JwtError,
  KeysUnavailableError,
  NoAuthorizationError,
  RevokedTokenError,
  RoleRequiredError,
  StoreUnavailableError,
  UnavailableError,
  UserLoaderError,
  VerifiedTokenError,
  WrongTokenError,
} from './errors';
export type { AnswerEvent, ChallengeError, JwtAnswer, VerifiedAnswerEvent } from './errors';

export { JwtRequired } from './decorator/JwtRequired';
export type { JwtRequiredOptions } from './decorator/JwtRequired';
export { FreshJwtRequired } from './decorator/FreshJwtRequired';
export type { FreshJwtRequiredOptions } from './decorator/FreshJwtRequired';
export { JwtOptional } from './decorator/JwtOptional';
export type { JwtOptionalOptions } from './decorator/JwtOptional';
export { RefreshJwtRequired } from './decorator/RefreshJwtRequired';
export type { RefreshJwtRequiredOptions } from './decorator/RefreshJwtRequired';
export { JwtExempt } from './decorator/JwtExempt';
export type { GuardDecorator } from './decorator/guardDecorator';

export { JwtIdentity } from './decorator/JwtIdentity';
export { JwtPayload } from './decorator/JwtPayload';
export { JwtClaim } from './decorator/JwtClaim';
export { JwtHeader } from './decorator/JwtHeader';
export { JwtLocation } from './decorator/JwtLocation';
export { JwtCurrentUser } from './decorator/JwtCurrentUser';

export { jwtGuard } from './guard/guard';
export type { Guard } from './guard/guard';
export { serveJwks } from './guard/serveJwks';
export type { ServeJwksOptions } from './guard/serveJwks';
export { requireJwtByDefault } from './guard/requireJwtByDefault';
export { authorizationChecker, authorizationCheckerWith, currentUserChecker } from './guard/checkers';
export type { RoleCheck } from './guard/checkers';
export { getJwtState } from './request/JwtState';
export type { JwtState } from './request/JwtState';
export type { GuardOptions } from './request/Policy';

export {
  AdditionalHeadersLoader,
  ClaimsVerificationFailedLoader,
  ClaimsVerificationLoader,
  DecodeKeyLoader,
  EncodeKeyLoader,
  ExpiredTokenLoader,
  InvalidTokenLoader,
  NeedsFreshTokenLoader,
  RefreshTokenReusedLoader,
  RevokedTokenLoader,
  TokenInBlocklistLoader,
  UnauthorizedLoader,
  UserClaimsLoader,
  UserIdentityLoader,
  UserLoader,
  UserLoaderErrorLoader,
} from './decorator/loaders';
export type {
  AdditionalHeadersLoaderInterface,
  ClaimsVerificationFailedLoaderInterface,
  ClaimsVerificationLoaderInterface,
  DecodeKeyLoaderInterface,
  EncodeKeyLoaderInterface,
  ExpiredTokenLoaderInterface,
  InvalidTokenLoaderInterface,
  IssueEvent,
  JwtLoader,
  LoaderEvent,
  LoaderEvents,
  NeedsFreshTokenLoaderInterface,
  RefusedEvent,
  RefusedTokenEvent,
  RefreshTokenReusedLoaderInterface,
  RevokedTokenLoaderInterface,
  TokenInBlocklistLoaderInterface,
  UnauthorizedLoaderInterface,
  UnverifiedEvent,
  UserClaimsLoaderInterface,
  UserIdentityLoaderInterface,
  UserLoaderErrorLoaderInterface,
  UserLoaderInterface,
  VerifiedEvent,
} from './loader/LoaderEvents';
