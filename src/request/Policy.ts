import { JwtConfigurationError } from '../errors';
import { TOKEN_LOCATIONS, type Constructor, type TokenLocation } from '../config/OptionTable';
import type { TokenType } from '../VerifiedToken';
import { deferParseErrors } from './deferParseErrors';

/** What an action demands of a request: plain frozen data. */
export interface Policy {
  /** `none`: open. `optional`: a token that is there must hold. `required`: there must be one. */
  readonly demand: 'none' | 'optional' | 'required';
  readonly tokenType: TokenType | 'either';
  /** Whose cookie, or member of a JSON body, is looked at. */
  readonly looksFor: TokenType;
  readonly fresh: boolean;
  /** Undefined for the configured ones. */
  readonly locations: readonly TokenLocation[] | undefined;
  readonly checkRevocation: boolean;
  /** The class under which the container has the manager that is asked; undefined for JwtManager itself. */
  readonly manager: Constructor | undefined;
}

/** How to hold a request to a token; the parameters of flask-jwt-extended's verify_jwt_in_request. */
export interface GuardOptions {
  /** Let requests without a token pass as anonymous. A token that is there must hold all the same. */
  readonly optional?: boolean;
  /** Demand a token made at a recent log-in. */
  readonly fresh?: boolean;
  /** Demand a refresh token instead of an access token. */
  readonly refresh?: boolean;
  /** Look for the token here, in this order, and not where the configuration says. */
  readonly locations?: readonly TokenLocation[];
  /** `false` takes access and refresh tokens alike. */
  readonly verifyType?: boolean;
  /** Take revoked tokens too, for instance to log out twice without an error. */
  readonly skipRevocationCheck?: boolean;
  /** The class under which the container has the manager to ask, where there are several. Default: JwtManager. */
  readonly manager?: Constructor;
}

const OPTIONS = [
  'optional',
  'fresh',
  'refresh',
  'locations',
  'verifyType',
  'skipRevocationCheck',
  'manager',
] as const;
/** What a manager may be told that is asked by hand. */
export const OPTIONS_OF_MANAGER = OPTIONS.filter((name) => name !== 'manager');
type OptionName = (typeof OPTIONS)[number];

/**
 * Turns options into a policy. `fixed` is what a decorator stands for, `allowed` what it may be given besides. Throws
 * JwtConfigurationError for options that are unknown, of a wrong type or at odds.
 */
export function policyFrom(
  given: GuardOptions = {},
  allowed: readonly OptionName[] = OPTIONS,
  fixed: GuardOptions = {},
): Policy {
  assertOptions(given, allowed);
  // Without a prototype, so that nothing is read that was not given, whatever Object.prototype has come to hold.
  const options = Object.assign(Object.create(null) as GuardOptions, given, fixed);
  const { optional = false, fresh = false, refresh = false, locations, verifyType = true } = options;
  if (fresh && refresh) {
    throw new JwtConfigurationError('Options fresh and refresh are at odds: a refresh token is never fresh');
  }
  return Object.freeze({
    demand: optional ? 'optional' : 'required',
    tokenType: verifyType ? (refresh ? 'refresh' : 'access') : 'either',
    looksFor: refresh ? 'refresh' : 'access',
    fresh,
    locations: locations && used(locations),
    checkRevocation: options.skipRevocationCheck !== true,
    manager: options.manager,
  });
}

function used(locations: readonly TokenLocation[]): readonly TokenLocation[] {
  if (locations.includes('json')) deferParseErrors();
  return Object.freeze([...locations]);
}

/** What `@JwtExempt()` says. */
export const EXEMPT: Policy = Object.freeze({
  demand: 'none',
  tokenType: 'either',
  looksFor: 'access',
  fresh: false,
  locations: undefined,
  checkRevocation: false,
  manager: undefined,
});

const DEMANDS = ['none', 'optional', 'required'] as const;

/** What satisfies both: required beats optional, fresh beats stale. Throws JwtConfigurationError where nothing can. */
export function tightened(one: Policy, other: Policy): Policy {
  const tokenType = narrowerType(one.tokenType, other.tokenType);
  return Object.freeze({
    demand: DEMANDS.indexOf(one.demand) > DEMANDS.indexOf(other.demand) ? one.demand : other.demand,
    tokenType,
    looksFor: tokenType === 'either' ? one.looksFor : tokenType,
    fresh: one.fresh || other.fresh,
    locations: commonLocations(one.locations, other.locations),
    checkRevocation: one.checkRevocation || other.checkRevocation,
    manager: sameManager(one.manager, other.manager),
  });
}

function narrowerType(one: Policy['tokenType'], other: Policy['tokenType']): Policy['tokenType'] {
  if (one === 'either') return other;
  if (other === 'either' || one === other) return one;
  throw new JwtConfigurationError('one demands an access token, the other a refresh token');
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

function assertOptions(options: GuardOptions, allowed: readonly OptionName[]): void {
  if (typeof options !== 'object' || (options as object | null) === null || Array.isArray(options)) {
    throw new JwtConfigurationError("Options must be an object, such as { locations: ['cookies'] }");
  }
  for (const [name, value] of Object.entries(options) as [OptionName, unknown][]) {
    if (!allowed.includes(name)) {
      throw new JwtConfigurationError(`Unknown option ${name}: known here are ${allowed.join(', ')}`);
    }
    if (name === 'manager') assertClass(value);
    else if (value === undefined) continue;
    else if (name === 'locations') assertLocations(value);
    else if (typeof value !== 'boolean') {
      throw new JwtConfigurationError(`Option ${name} must be true or false`);
    }
  }
}

/** Throws JwtConfigurationError, also for undefined, as imports in a circle leave it: another manager would be asked. */
export function assertClass(manager: unknown): void {
  if (typeof manager === 'function') return;
  throw new JwtConfigurationError(
    'Option manager must be a class: class PartnerJwtManager extends JwtManager {}',
  );
}

function assertLocations(locations: unknown): void {
  const isKnown = (location: unknown): boolean => TOKEN_LOCATIONS.some((known) => known === location);
  if (Array.isArray(locations) && locations.length > 0 && locations.every(isKnown)) return;
  throw new JwtConfigurationError(
    `Option locations must be a non-empty list of ${TOKEN_LOCATIONS.join(', ')}`,
  );
}
