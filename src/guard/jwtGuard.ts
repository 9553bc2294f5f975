import { policyFrom, type GuardOptions } from '../request/Policy';
import { answerOptions, assertKoa, guard, type Guard } from './guard';

/**
 * `@JwtRequired()` and the like as Koa middleware, for routes of @koa/router without controllers. Answers OPTIONS with
 * 204 itself, unless anonymous requests may pass: nobody gets to the handler without a token.
 */
export function jwtGuard(options: GuardOptions = {}): Guard {
  const policy = policyFrom(options);
  const enforce = guard(policy);
  if (policy.demand === 'optional') return enforce;
  return (ctx, next) => {
    assertKoa(next);
    return answerOptions(ctx, () => enforce(ctx, next));
  };
}
