import type { JwtState } from './JwtState';
import type { Policy } from './Policy';

/** Who a look at the request has let in. */
export interface Admission {
  /** The manager. There may be several, and their users are different people. */
  readonly by: object;
  readonly policy: Policy;
  readonly state: JwtState;
  /** By verifyJwtInRequest, and not by a guard. */
  readonly isByHand: boolean;
}

/**
 * Who is in after another look at the same request. A look that finds nobody, or demands less, takes nobody away. What
 * a guard has let in, a check by hand may renew, but not swap for somebody else.
 */
export function admissionAfter(earlier: Admission, later: Admission): Admission {
  if (earlier.state.payload === undefined) return later;
  if (later.state.payload === undefined) return earlier;
  if (earlier.isByHand && !later.isByHand) return later;
  if (isWeaker(later.policy, earlier.policy)) return earlier;
  if (earlier.isByHand || !later.isByHand) return later;
  return later.by === earlier.by && later.state.identity === earlier.state.identity ? later : earlier;
}

function isWeaker(later: Policy, earlier: Policy): boolean {
  return (
    (later.demand !== 'required' && earlier.demand === 'required') ||
    (earlier.fresh && !later.fresh) ||
    (earlier.checkRevocation && !later.checkRevocation) ||
    (later.tokenType === 'either' && earlier.tokenType !== 'either') ||
    (later.tokenType === 'purpose' && earlier.tokenType !== 'purpose')
  );
}
