import { policyFrom, type GuardOptions } from '../request/Policy';
import { declareDefault } from './policyRegistry';
import { interceptServers } from './interceptServers';
import { refuseServedOpen } from './interceptStorage';

/**
 * Guards every action of routing-controllers that has no decorator, as `@JwtRequired()` would. `@JwtExempt()` leaves
 * an action open. Throws JwtConfigurationError when a server was
 * created before, and when it was called with other options.
 */
export function requireJwtByDefault(options: GuardOptions = {}): void {
  const policy = policyFrom(options);
  interceptServers();
  refuseServedOpen();
  declareDefault(policy);
}

// On import too, to notice a call that comes too late.
interceptServers();
