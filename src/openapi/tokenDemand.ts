import { policyFrom, type Policy } from '../request/Policy';
import type { ServedAction } from '../route/servedActions';

/** What a request to an action meets. */
export interface TokenDemand {
  readonly policy: Policy;
  /** Whether a request without a token gets one of this library's answers. */
  readonly isMissingAnswered: boolean;
}

/** What the checkers demand where no guard has let a token in. */
const OF_CHECKERS = policyFrom();

/**
 * Undefined when nobody looks for a token. The checkers of `@Authorized` and `@CurrentUser({ required: true })` demand
 * one where the guard does not. Without a token, the latter ends in an error of routing-controllers.
 */
export function tokenDemand(served: ServedAction): TokenDemand | undefined {
  const { policy: declared, verb, roles, needsUser } = served;
  const isChecked = roles !== undefined || needsUser;
  // Guards let OPTIONS pass, because a CORS preflight has no credentials.
  const isGuarded = declared !== undefined && declared.demand !== 'none' && verb !== 'OPTIONS';
  if (!isGuarded && !isChecked) return undefined;
  const policy = isGuarded ? declared : { ...OF_CHECKERS, manager: declared?.manager };
  return {
    policy: isChecked ? { ...policy, demand: 'required' } : policy,
    isMissingAnswered: roles !== undefined || (isGuarded && declared.demand === 'required'),
  };
}
