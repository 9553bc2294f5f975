import { JwtConfigurationError } from '../errors';
import { interceptServers } from '../guard/interceptServers';
import { rememberClassPolicy } from '../guard/interceptStorage';
import { noteDecorator } from '../guard/ownDecorators';
import { declarePolicy } from '../guard/policyRegistry';
import { noteReflection } from '../guard/reflection';
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
  return guardDecorator('JwtRequired', policyFrom(given[0], REQUIRED));
}

/** Lets in requests with a fresh access token: one from a recent log-in (flask: jwt_required(fresh=True)). */
export function FreshJwtRequired(...given: [options?: FreshJwtRequiredOptions]): GuardDecorator {
  assertCalled('FreshJwtRequired', given, 1);
  return guardDecorator('FreshJwtRequired', policyFrom(given[0], FIXED_TYPE, { fresh: true }));
}

/**
 * Lets in requests without a token too, as anonymous. If there is a token, it must be good all the same
 * (flask: jwt_required(optional=True)).
 */
export function JwtOptional(...given: [options?: JwtOptionalOptions]): GuardDecorator {
  assertCalled('JwtOptional', given, 1);
  return guardDecorator('JwtOptional', policyFrom(given[0], OPTIONAL, { optional: true }));
}

/** Lets in requests with a good refresh token, and no others (flask: jwt_required(refresh=True)). */
export function RefreshJwtRequired(...given: [options?: RefreshJwtRequiredOptions]): GuardDecorator {
  assertCalled('RefreshJwtRequired', given, 1);
  return guardDecorator('RefreshJwtRequired', policyFrom(given[0], FIXED_TYPE, { refresh: true }));
}

/** Leaves an action open inside a guarded controller, or a controller open after requireJwtByDefault(). */
export function JwtExempt(...given: []): GuardDecorator {
  assertCalled('JwtExempt', given, 0);
  return guardDecorator('JwtExempt', EXEMPT);
}

for (const decorator of [JwtRequired, FreshJwtRequired, JwtOptional, RefreshJwtRequired, JwtExempt])
  noteDecorator(decorator, `@${decorator.name}`);

/** Gives its target a policy. Throws JwtConfigurationError when that would guard nothing. */
function guardDecorator(name: string, policy: Policy): GuardDecorator {
  const decorate = (target: object, method?: PropertyKey | object, third?: unknown): void => {
    refuseOtherTargets(name, target, method, third);
    interceptServers();
    noteReflection();
    if (method === undefined) {
      declarePolicy((target as { prototype: object }).prototype, undefined, policy);
      rememberClassPolicy(target);
    } else declarePolicy(target, method as PropertyKey, policy);
  };
  return noteDecorator(decorate as GuardDecorator, `@${name}()`);
}

function refuseOtherTargets(
  name: string,
  target: object,
  method: PropertyKey | object | undefined,
  third: unknown,
): void {
  if (typeof method === 'function')
    refuse(`@${name}() is no middleware: write it as a decorator, or use jwtGuard()`);
  if (typeof method === 'object') {
    refuse(
      'routing-controllers needs the older kind of decorators: set experimentalDecorators in tsconfig.json',
    );
  }
  if (typeof third === 'number') refuse(`@${name}() is for a method or a class, and not for a parameter`);
  if (method === undefined && !isClass(target)) refuse(`@${name}() is for a method or a class`);
  if (method !== undefined && typeof target === 'function')
    refuse(`${target.name}.${String(method)} is static and so cannot be an action`);
}

function refuse(message: string): never {
  throw new JwtConfigurationError(message);
}

function isClass(target: unknown): boolean {
  return typeof target === 'function' && typeof target.prototype === 'object';
}
