import { policyFrom, type GuardOptions } from '../request/Policy';
import { assertCalled } from './assertCalled';
import { guardDecorator, type GuardDecorator } from './guardDecorator';

export type JwtRequiredOptions = Pick<
  GuardOptions,
  'locations' | 'verifyType' | 'skipRevocationCheck' | 'manager'
>;

/** Lets in requests with a valid access token, and answers all others (flask: jwt_required()). */
export function JwtRequired(...given: [options?: JwtRequiredOptions]): GuardDecorator {
  assertCalled('JwtRequired', given, 1);
  return guardDecorator(policyFrom(given[0], ['locations', 'verifyType', 'skipRevocationCheck', 'manager']));
}
