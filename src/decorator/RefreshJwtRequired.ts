import { policyFrom, type GuardOptions } from '../request/Policy';
import { assertCalled } from './assertCalled';
import { guardDecorator, type GuardDecorator } from './guardDecorator';

export type RefreshJwtRequiredOptions = Pick<GuardOptions, 'locations' | 'skipRevocationCheck' | 'manager'>;

/** Lets in requests with a valid refresh token, and no other (flask: jwt_required(refresh=True)). */
export function RefreshJwtRequired(...given: [options?: RefreshJwtRequiredOptions]): GuardDecorator {
  assertCalled('RefreshJwtRequired', given, 1);
  return guardDecorator(
    policyFrom(given[0], ['locations', 'skipRevocationCheck', 'manager'], { refresh: true }),
  );
}
