import { policyFrom, type GuardOptions } from '../request/Policy';
import { guard, type Guard } from './guard';

/** `@JwtRequired()` and the like as Koa middleware, for routes of @koa/router without controllers. */
export function jwtGuard(options: GuardOptions = {}): Guard {
  return guard(policyFrom(options));
}
