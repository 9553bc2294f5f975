import { JwtConfigurationError } from '../errors';
import { noteDecorator } from '../guard/ownDecorators';
import { registerLoader, type LoaderClass } from '../loader/loaderRegistry';
import type { LoaderEvent } from '../loader/LoaderEvents';
import { assertCalled } from './assertCalled';

/** Makes a class the loader of an event. A class without a fitting `load` method does not compile. */
type LoaderDecorator<Event extends LoaderEvent> = (loader: LoaderClass<Event>) => void;

function loaderDecorator<Event extends LoaderEvent>(
  name: string,
  event: Event,
): (...given: []) => LoaderDecorator<Event> {
  return (...given) => {
    assertCalled(name, given, 0);
    const decorate: LoaderDecorator<Event> = (loader, ...others: unknown[]) => {
      // A method, a parameter, or middleware: it would be a loader that nobody can make.
      if (typeof loader !== 'function' || others.some((each) => each !== undefined))
        throw new JwtConfigurationError(`@${name}() is for a class with a method load`);
      registerLoader(event, loader);
    };
    return noteDecorator(decorate, `@${name}()`);
  };
}

/** Answers a token that has expired: 401 `Token has expired` (expired_token_loader). */
export const ExpiredTokenLoader = loaderDecorator('ExpiredTokenLoader', 'expiredToken');
/** Answers a bad token: 422 and the reason (invalid_token_loader). */
export const InvalidTokenLoader = loaderDecorator('InvalidTokenLoader', 'invalidToken');
/** Answers a request without a token: 401 and the reason (unauthorized_loader). */
export const UnauthorizedLoader = loaderDecorator('UnauthorizedLoader', 'unauthorized');
/** Answers a token that is not fresh: 401 `Fresh token required` (needs_fresh_token_loader). */
export const NeedsFreshTokenLoader = loaderDecorator('NeedsFreshTokenLoader', 'needsFreshToken');
/** Answers a revoked token: 401 `Token has been revoked` (revoked_token_loader). */
export const RevokedTokenLoader = loaderDecorator('RevokedTokenLoader', 'revokedToken');
/** Answers a token whose user is not found: 401 `Error loading the user …` (user_lookup_error_loader). */
export const UserLoaderErrorLoader = loaderDecorator('UserLoaderErrorLoader', 'userLoaderError');
/** Answers claims that were refused: 400 `User claims verification failed` (token_verification_failed_loader). */
export const ClaimsVerificationFailedLoader = loaderDecorator(
  'ClaimsVerificationFailedLoader',
  'claimsVerificationFailed',
);
/** Answers every refusal that has no loader of its own: one format for all. */
export const RefusalLoader = loaderDecorator('RefusalLoader', 'refusal');
/** Says whether claims are acceptable: true or false (token_verification_loader). */
export const ClaimsVerificationLoader = loaderDecorator('ClaimsVerificationLoader', 'claimsVerification');
/** Says whether a token is revoked: true or false (token_in_blocklist_loader). */
export const TokenInBlocklistLoader = loaderDecorator('TokenInBlocklistLoader', 'tokenInBlocklist');
/** Is called when a refresh token was used twice, which ended its session: somebody has a copy. */
export const RefreshTokenReusedLoader = loaderDecorator('RefreshTokenReusedLoader', 'refreshTokenReused');
/** Finds the user of a token. Any falsy value when there is none (user_lookup_loader). */
export const UserLoader = loaderDecorator('UserLoader', 'user');
/** Turns what createAccessToken was given into an identity, a string (user_identity_loader). */
export const UserIdentityLoader = loaderDecorator('UserIdentityLoader', 'userIdentity');
/** Gives claims to add to every new token (additional_claims_loader). */
export const UserClaimsLoader = loaderDecorator('UserClaimsLoader', 'userClaims');
/** Gives headers to add to every new token (additional_headers_loader). */
export const AdditionalHeadersLoader = loaderDecorator('AdditionalHeadersLoader', 'additionalHeaders');
/** Gives the key to sign a token with (encode_key_loader). */
export const EncodeKeyLoader = loaderDecorator('EncodeKeyLoader', 'encodeKey');
/** Gives the key to verify a token with. Null or undefined when there is none (decode_key_loader). */
export const DecodeKeyLoader = loaderDecorator('DecodeKeyLoader', 'decodeKey');
