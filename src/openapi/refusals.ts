import type { TokenType, VerifiedToken } from '../claims';
import type { JwtConfig } from '../config/JwtConfig';
import {
  ClaimsVerificationError,
  CsrfError,
  ExpiredTokenError,
  FreshTokenRequiredError,
  InvalidTokenError,
  KeysUnavailableError,
  NoAuthorizationError,
  RevokedTokenError,
  RoleRequiredError,
  StoreUnavailableError,
  UserLoaderError,
  WrongTokenError,
  type JwtError,
} from '../errors';
import type { Loaders } from '../loader/Loaders';
import { needsCsrfValue } from '../request/findInCookies';
import type { Policy } from '../request/Policy';
import type { TokenDemand } from './tokenDemand';

/** A refusal that an action may answer with. */
export interface Refusal {
  readonly error: JwtError;
  /** When, for the description of the response. */
  readonly when: string;
}

/** What decides which refusals an action can answer with. */
export interface Refusable {
  readonly demand: TokenDemand;
  readonly verb: string;
  /** The roles of `@Authorized`. */
  readonly roles: readonly string[] | undefined;
  readonly config: JwtConfig;
  readonly loaders: Loaders;
}

/** Every refusal that the action can answer with, in the order of the checks. */
export function refusalsOf(refusable: Refusable): Refusal[] {
  const { demand, verb, roles, config, loaders } = refusable;
  const { policy, isMissingAnswered } = demand;
  const { tokenType, fresh, checkRevocation, singleUse } = policy;
  const locations = policy.locations ?? config.tokenLocation;
  const token = sampleToken(policy.looksFor, config);
  const hasStore = config.revocationStore !== undefined;
  const unavailable = new Error('A sample');
  const refusals: readonly (Refusal | false)[] = [
    isMissingAnswered && {
      error: new NoAuthorizationError(`Missing ${config.headerName} Header`),
      when: 'there is no token',
    },
    locations.includes('cookies') &&
      tokenType !== 'purpose' &&
      needsCsrfValue(verb, config) && {
        error: new CsrfError('Missing CSRF token'),
        when: 'the CSRF value of a cookie is missing or wrong',
      },
    { error: new InvalidTokenError('Signature verification failed'), when: 'the token is invalid' },
    // Tokens of other issuers are access tokens.
    (tokenType === 'access' || tokenType === 'either') &&
      (config.issuers ?? []).length > 0 && {
        error: new KeysUnavailableError(unavailable),
        when: 'the keys of an issuer cannot be fetched',
      },
    { error: new ExpiredTokenError(token), when: 'the token has expired' },
    tokenType !== 'either' && {
      error: wrongType(policy),
      when: `it is not ${inWords(policy)}`,
    },
    fresh && { error: new FreshTokenRequiredError(token), when: 'the token is not fresh' },
    checkRevocation &&
      (hasStore || loaders.has('tokenInBlocklist')) && {
        error: new RevokedTokenError(token),
        when: 'the token has been revoked',
      },
    checkRevocation &&
      hasStore &&
      (config.onStoreFailure === 'refuse' || singleUse) && {
        error: new StoreUnavailableError(unavailable),
        when: 'sessions cannot be checked',
      },
    loaders.has('claimsVerification') && {
      error: new ClaimsVerificationError(token),
      when: 'the claims of the token are refused',
    },
    loaders.has('user') && { error: new UserLoaderError(token), when: 'the user of the token is not found' },
    (roles ?? []).length > 0 && {
      error: new RoleRequiredError(),
      when: `the token has none of the roles ${(roles ?? []).join(', ')}`,
    },
  ];
  return refusals.filter((refusal) => refusal !== false);
}

function wrongType({ tokenType, purpose }: Policy): WrongTokenError {
  if (purpose !== undefined) return new WrongTokenError(`Only tokens for the purpose ${purpose} are allowed`);
  return new WrongTokenError(
    tokenType === 'access' ? 'Only non-refresh tokens are allowed' : 'Only refresh tokens are allowed',
  );
}

function inWords({ tokenType, purpose }: Policy): string {
  if (purpose !== undefined) return `a token for the purpose ${purpose}`;
  return tokenType === 'access' ? 'an access token' : 'a refresh token';
}

/** Its times are fixed, so that a document is the same each time. */
function sampleToken(type: TokenType, { algorithm, identityClaim }: JwtConfig): VerifiedToken {
  const iat = Date.UTC(2026, 0, 1) / 1000;
  const claims = {
    iat,
    nbf: iat,
    exp: iat + 900,
    jti: '00000000-0000-4000-8000-000000000000',
    type,
    fresh: false,
  };
  return {
    header: { alg: algorithm, typ: 'JWT' },
    payload: { [identityClaim]: 'alice', ...claims },
    identity: 'alice',
  };
}
