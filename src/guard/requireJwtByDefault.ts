import { policyFrom, type GuardOptions } from '../request/Policy';
import { declareDefault } from './policyRegistry';
import { interceptStorage, refuseServedOpen } from './interceptStorage';

/**
 * Guards every action of routing-controllers that has no decorator, as `@JwtRequired()` would. `@JwtExempt()` leaves
 * an action open. Throws JwtConfigurationError when a server was created before.
 */
export function requireJwtByDefault(options: GuardOptions = {}): void {
  const policy = policyFrom(options);
  refuseServedOpen();
  declareDefault(policy);
}

// On import, to notice a call that comes too late.
interceptStorage();
