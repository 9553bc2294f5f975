import { policyFrom, type GuardOptions } from '../request/Policy';
import { declareDefault } from './policyRegistry';
import { armSeam, refuseServedOpen } from './seam';

/**
 * From here on every action of routing-controllers that says nothing is guarded as if by `@JwtRequired()`; open
 * ones say `@JwtExempt()`. Throws JwtConfigurationError when a server has been created before.
 */
export function requireJwtByDefault(options: GuardOptions = {}): void {
  const policy = policyFrom(options);
  refuseServedOpen();
  declareDefault(policy);
}

// On import, so that a call that comes too late is noticed.
armSeam();
