import type { TokenType } from '../claims';
import type { Constructor } from '../config/Constructor';
import type { OptionKind } from '../config/option';
import { flag, manager, text } from '../config/optionKinds';
import { optionProblems } from '../config/optionProblems';
import { TOKEN_LOCATIONS, type TokenLocation } from '../config/OptionTable';
import { JwtConfigurationError } from '../errors';
import { deferParseErrors } from './parseErrors';

/** What an action demands of a request: plain frozen data. */
export interface Policy {
  /** `none`: open. `optional`: a token must be good, if there is one. `required`: there must be a good one. */
  readonly demand: 'none' | 'optional' | 'required';
  /** `either`: an access or refresh token. */
  readonly tokenType: TokenType | 'either' | 'purpose';
  /** The type of token whose cookie, or member of a JSON body, is read. */
  readonly looksFor: TokenType;
  readonly fresh: boolean;
  /** Undefined: as configured. */
  readonly locations: readonly TokenLocation[] | undefined;
  readonly checkRevocation: boolean;
  /** For the type `purpose`: which one. */
  readonly purpose: string | undefined;
  /** Whether the token is used up. */
  readonly singleUse: boolean;
  /** The class under which the container has the manager. Undefined: JwtManager itself. */
  readonly manager: Constructor | undefined;
}

/** What to demand of a request: the parameters of flask-jwt-extended's verify_jwt_in_request. */
export interface GuardOptions {
  /** Let requests without a token pass as anonymous. If there is a token, it must be good all the same. */
  readonly optional?: boolean;
  /** Demand a token made at a recent log-in. */
  readonly fresh?: boolean;
  /** Demand a refresh token instead of an access token. */
  readonly refresh?: boolean;
  /** Look for the token here, in this order, instead of the configured locations. */
  readonly locations?: readonly TokenLocation[];
  /** `false` accepts both access and refresh tokens. */
  readonly verifyType?: boolean;
  /** Accept revoked tokens too, for instance to log out twice without an error. */
  readonly skipRevocationCheck?: boolean;
  /** Demand a token that createToken made for this purpose, and no other. No cookie carries one. */
  readonly purpose?: string;
  /** Use up the token, before the action runs: it lets in one request. For tokens of a `purpose`; needs a store. */
  readonly singleUse?: boolean;
  /** The class under which the container has the manager, when there are several. Default: JwtManager. */
  readonly manager?: Constructor;
}

const locations: OptionKind = {
  expects: `a non-empty list of ${TOKEN_LOCATIONS.join(', ')}`,
  accepts: (value) =>
    Array.isArray(value) &&
    value.length > 0 &&
    value.every((each) => TOKEN_LOCATIONS.includes(each as never)),
};

export type GuardOptionName = keyof GuardOptions;

/** What each option takes. */
export const OPTION_KINDS = {
  optional: flag,
  fresh: flag,
  refresh: flag,
  locations,
  verifyType: flag,
  skipRevocationCheck: flag,
  purpose: text,
  singleUse: flag,
  manager,
} satisfies Record<GuardOptionName, OptionKind>;

const ALL = Object.keys(OPTION_KINDS) as GuardOptionName[];
/** What verifyJwtInRequest takes: it has a manager. */
export const OPTIONS_BY_HAND = ALL.filter((name) => name !== 'manager');
/** What verifyToken takes: it has no request either. */
export const OPTIONS_OF_TOKENS = OPTIONS_BY_HAND.filter(
  (name) => name !== 'optional' && name !== 'locations',
);

/**
 * Turns options into a policy. `fixed` is what a decorator stands for, `allowed` are the options that it takes besides.
 * Throws JwtConfigurationError for options that are unknown, of a wrong type or contradictory.
 */
export function policyFrom(
  given: GuardOptions = {},
  allowed: readonly GuardOptionName[] = ALL,
  fixed: GuardOptions = {},
): Policy {
  assertOptions(given, allowed);
  // Without a prototype, so that a polluted Object.prototype cannot add options.
  const options = Object.assign(Object.create(null) as GuardOptions, given, fixed);
  const { optional = false, fresh = false, refresh = false, verifyType = true } = options;
  const { purpose, singleUse = false } = options;
  if (fresh && refresh) {
    throw new JwtConfigurationError('Options fresh and refresh are at odds: a refresh token is never fresh');
  }
  assertPurpose(options);
  if (options.locations?.includes('json') === true) deferParseErrors();
  return Object.freeze({
    demand: optional ? 'optional' : 'required',
    tokenType: purpose !== undefined ? 'purpose' : verifyType ? (refresh ? 'refresh' : 'access') : 'either',
    looksFor: refresh ? 'refresh' : 'access',
    fresh,
    locations: options.locations && Object.freeze([...options.locations]),
    checkRevocation: options.skipRevocationCheck !== true,
    purpose,
    singleUse,
    manager: options.manager,
  });
}

/** The policy of `@JwtExempt()`. */
export const EXEMPT: Policy = Object.freeze({
  demand: 'none',
  tokenType: 'either',
  looksFor: 'access',
  fresh: false,
  locations: undefined,
  checkRevocation: false,
  purpose: undefined,
  singleUse: false,
  manager: undefined,
});

const DEMANDS = ['none', 'optional', 'required'] as const;

/** Fulfils both: required beats optional, fresh beats stale. Throws JwtConfigurationError when nothing can. */
export function tightened(one: Policy, other: Policy): Policy {
  const tokenType = narrowerType(one, other);
  return Object.freeze({
    demand: DEMANDS.indexOf(one.demand) > DEMANDS.indexOf(other.demand) ? one.demand : other.demand,
    tokenType,
    looksFor: tokenType === 'either' ? one.looksFor : tokenType === 'refresh' ? 'refresh' : 'access',
    fresh: one.fresh || other.fresh,
    locations: commonLocations(one.locations, other.locations),
    checkRevocation: one.checkRevocation || other.checkRevocation,
    purpose: one.purpose ?? other.purpose,
    singleUse: one.singleUse || other.singleUse,
    manager: sameManager(one.manager, other.manager),
  });
}

function narrowerType(one: Policy, other: Policy): Policy['tokenType'] {
  if (one.demand === 'none') return other.tokenType;
  if (other.demand === 'none') return one.tokenType;
  if (one.purpose !== other.purpose) {
    throw new JwtConfigurationError(`one demands ${demandedToken(one)}, the other ${demandedToken(other)}`);
  }
  if (one.tokenType === 'either') return other.tokenType;
  if (other.tokenType === 'either' || one.tokenType === other.tokenType) return one.tokenType;
  throw new JwtConfigurationError('one demands an access token, the other a refresh token');
}

function demandedToken({ purpose }: Policy): string {
  return purpose === undefined ? 'an access or refresh token' : `a token for the purpose ${purpose}`;
}

function sameManager(one: Policy['manager'], other: Policy['manager']): Policy['manager'] {
  if (one === undefined || other === undefined || one === other) return one ?? other;
  throw new JwtConfigurationError(`one asks ${one.name}, the other ${other.name}`);
}

function commonLocations(one: Policy['locations'], other: Policy['locations']): Policy['locations'] {
  if (one === undefined || other === undefined) return one ?? other;
  const common = one.filter((location) => other.includes(location));
  if (common.length > 0) return Object.freeze(common);
  throw new JwtConfigurationError('they have no token location in common');
}

function assertPurpose(options: GuardOptions): void {
  const { purpose, singleUse = false, fresh = false, refresh = false, verifyType = true } = options;
  if (purpose === undefined) {
    if (!singleUse) return;
    throw new JwtConfigurationError(
      'Option singleUse needs a purpose: only tokens for one purpose are used up',
    );
  }
  if (fresh || refresh || !verifyType) {
    throw new JwtConfigurationError(
      'Option purpose is at odds with fresh, refresh and verifyType: such a token is neither an access nor a refresh token',
    );
  }
  if (options.locations?.includes('cookies') === true) {
    throw new JwtConfigurationError(
      'Option purpose is at odds with the location cookies: they carry log-ins',
    );
  }
  if (singleUse && options.skipRevocationCheck === true) {
    throw new JwtConfigurationError('Option singleUse is at odds with skipRevocationCheck');
  }
}

function assertOptions(options: GuardOptions, allowed: readonly GuardOptionName[]): void {
  if (typeof options !== 'object' || (options as object | null) === null || Array.isArray(options)) {
    throw new JwtConfigurationError("Options must be an object, such as { locations: ['cookies'] }");
  }
  const problems = optionProblems(options, new Map(allowed.map((name) => [name, OPTION_KINDS[name]])));
  if (problems.length > 0) throw new JwtConfigurationError(problems.join('\n'));
}
