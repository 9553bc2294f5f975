export { JwtManager } from './JwtManager';
export type { DecodeOptions, VerifyTokenOptions } from './JwtManager';
export type {
  AccessTokenOptions,
  PurposeTokenOptions,
  RefreshTokenOptions,
  TokenPair,
  TokenPairOptions,
} from './session/Issuer';
export type { PublicJwk } from './key/OwnKeys';
export { RevocationStore } from './store/RevocationStore';
export type { NewSession, Session, TokenFacts, Verdict } from './store/RevocationStore';
export { exchangedRefreshTokens, isGoodRefreshToken, verdictOn } from './store/verdict';
export type { RefreshTokens, StoreRecords } from './store/verdict';
export { MemoryRevocationStore } from './store/MemoryRevocationStore';
export type { CookieOptions, UnsetOptions } from './request/tokenCookies';
export { JwtConfig } from './config/JwtConfig';
export type { JwtOptions } from './config/JwtConfig';
export type { Constructor } from './config/Constructor';
export type { JwtIssuer } from './config/JwtIssuer';
export type { JwtKey, KeyMaterial } from './config/JwtKey';
export type { TokenLocation } from './config/OptionTable';
export type { Algorithm } from './config/algorithms';
export type { Lifetime } from './config/lifetime';
export type { JoseHeader, JwtClaims, TokenType, VerifiedToken } from './claims';
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
export type { JwtAnswer, JwtErrorCode } from './errors';

export {
  FreshJwtRequired,
  JwtExempt,
  JwtOptional,
  JwtRequired,
  RefreshJwtRequired,
} from './decorator/guards';
export type {
  FreshJwtRequiredOptions,
  GuardDecorator,
  JwtOptionalOptions,
  JwtRequiredOptions,
  RefreshJwtRequiredOptions,
} from './decorator/guards';
export {
  JwtClaim,
  JwtCurrentUser,
  JwtHeader,
  JwtIdentity,
  JwtLocation,
  JwtPayload,
} from './decorator/parameters';

export { jwtGuard } from './guard/jwtGuard';
export type { Guard } from './guard/guard';
export { serveJwks } from './guard/serveJwks';
export type { ServeJwksOptions } from './guard/serveJwks';
export { requireJwtByDefault } from './guard/requireJwtByDefault';
export { checkSetup } from './guard/checkSetup';
export type { ManagerSetup } from './guard/setup';
export { authorizationChecker, authorizationCheckerWith, currentUserChecker } from './guard/checkers';
export type { RoleCheck } from './guard/checkers';
export { getJwtState } from './request/JwtState';
export type { JwtState, VerifiedJwtState } from './request/JwtState';
export type { UpgradeOptions } from './request/UpgradeRequest';
export type { WatchOptions } from './request/watchToken';
export type { GuardOptions, Policy } from './request/Policy';

export { describeRoutes } from './route/describeRoutes';
export type { PolicyOrigin, RouteDescription } from './route/describeRoutes';
export { routeTable } from './route/routeTable';
export type { ServedBy } from './route/servedActions';

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
  RefusalLoader,
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
  NeedsFreshTokenLoaderInterface,
  RefusedEvent,
  RefusedTokenEvent,
  RefreshTokenReusedLoaderInterface,
  RefusalLoaderInterface,
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
