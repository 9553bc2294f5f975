import { JwtConfigurationError } from '../errors';
import { declarePolicy } from '../guard/policyRegistry';
import { armSeam } from '../guard/seam';
import type { Policy } from '../request/Policy';

/** A decorator of a controller or of one of its methods. */
export type GuardDecorator = ClassDecorator & MethodDecorator;

/** The decorator that gives its target a policy. Throws JwtConfigurationError where that would guard nothing. */
export function guardDecorator(policy: Policy): GuardDecorator {
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
    armSeam();
  };
}
