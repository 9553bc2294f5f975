import { policyFrom, type GuardOptions } from '../request/Policy';
import { assertCalled } from './assertCalled';
import { guardDecorator, type GuardDecorator } from './guardDecorator';

export type JwtOptionalOptions = Pick<
  GuardOptions,
  'fresh' | 'refresh' | 'locations' | 'verifyType' | 'skipRevocationCheck' | 'manager'
>;

/**
 * Lets in requests without a token too, as anonymous. A token that is there must be valid all the same
 * (flask: jwt_required(optional=True)).
 */
export function JwtOptional(...given: [options?: JwtOptionalOptions]): GuardDecorator {
  assertCalled('JwtOptional', given, 1);
  return guardDecorator(
    policyFrom(given[0], ['fresh', 'refresh', 'locations', 'verifyType', 'skipRevocationCheck', 'manager'], {
      optional: true,
    }),
  );
}
