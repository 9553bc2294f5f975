import { policyFrom, type GuardOptions } from '../request/Policy';
import { answerOptions, guard, type Guard } from './guard';

/**
 * `@JwtRequired()` and the like as Koa middleware, for routes of @koa/router without controllers. Answers OPTIONS with
 * 204 itself, unless anonymous requests may pass: nobody gets to the handler without a token.
 */
export function jwtGuard(options: GuardOptions = {}): Guard {
  const policy = policyFrom(options);
  const enforce = guard(policy);
  return policy.demand === 'optional'
    ? enforce
    : (ctx, next) => answerOptions(ctx, next, () => enforce(ctx, next));
}
