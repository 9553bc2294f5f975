import { JwtConfigurationError } from '../errors';
import { interceptStorage } from '../guard/interceptStorage';
import { declarePolicy } from '../guard/policyRegistry';
import { EXEMPT, policyFrom, type GuardOptions, type Policy } from '../request/Policy';
import { assertCalled } from './assertCalled';

/** A decorator of a controller or of one of its methods. */
export type GuardDecorator = ClassDecorator & MethodDecorator;

const FIXED_TYPE = ['locations', 'skipRevocationCheck', 'manager'] as const;
const REQUIRED = ['verifyType', 'purpose', 'singleUse', ...FIXED_TYPE] as const;
const OPTIONAL = ['fresh', 'refresh', ...REQUIRED] as const;

export type JwtRequiredOptions = Pick<GuardOptions, (typeof REQUIRED)[number]>;
export type FreshJwtRequiredOptions = Pick<GuardOptions, (typeof FIXED_TYPE)[number]>;
export type JwtOptionalOptions = Pick<GuardOptions, (typeof OPTIONAL)[number]>;
export type RefreshJwtRequiredOptions = Pick<GuardOptions, (typeof FIXED_TYPE)[number]>;

/**
 * Lets in requests with a good access token, or with a token for a `purpose`, and answers all others
 * (flask: jwt_required()).
 */
export function JwtRequired(...given: [options?: JwtRequiredOptions]): GuardDecorator {
  assertCalled('JwtRequired', given, 1);
  return guardDecorator(policyFrom(given[0], REQUIRED));
}

/** Lets in requests with a fresh access token: one from a recent log-in (flask: jwt_required(fresh=True)). */
export function FreshJwtRequired(...given: [options?: FreshJwtRequiredOptions]): GuardDecorator {
  assertCalled('FreshJwtRequired', given, 1);
  return guardDecorator(policyFrom(given[0], FIXED_TYPE, { fresh: true }));
}

/**
 * Lets in requests without a token too, as anonymous. If there is a token, it must be good all the same
 * (flask: jwt_required(optional=True)).
 */
export function JwtOptional(...given: [options?: JwtOptionalOptions]): GuardDecorator {
  assertCalled('JwtOptional', given, 1);
  return guardDecorator(policyFrom(given[0], OPTIONAL, { optional: true }));
}

/** Lets in requests with a good refresh token, and no others (flask: jwt_required(refresh=True)). */
export function RefreshJwtRequired(...given: [options?: RefreshJwtRequiredOptions]): GuardDecorator {
  assertCalled('RefreshJwtRequired', given, 1);
  return guardDecorator(policyFrom(given[0], FIXED_TYPE, { refresh: true }));
}

/** Leaves an action open inside a guarded controller, or a controller open after requireJwtByDefault(). */
export function JwtExempt(...given: []): GuardDecorator {
  assertCalled('JwtExempt', given, 0);
  return guardDecorator(EXEMPT);
}

/** Gives its target a policy. Throws JwtConfigurationError when that would guard nothing. */
function guardDecorator(policy: Policy): GuardDecorator {
  return (target: object, method?: PropertyKey | object): void => {
    if (typeof method === 'object') {
      throw new JwtConfigurationError(
        'routing-controllers needs the older kind of decorators: set experimentalDecorators in tsconfig.json',
      );
    }
    if (method !== undefined && typeof target === 'function') {
      throw new JwtConfigurationError(
        `${target.name}.${String(method)} is static and so cannot be an action`,
      );
    }
    declarePolicy(method === undefined ? target : target.constructor, method, policy);
    interceptStorage();
  };
}
