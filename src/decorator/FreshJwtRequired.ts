import { policyFrom, type GuardOptions } from '../request/Policy';
import { assertCalled } from './assertCalled';
import { guardDecorator, type GuardDecorator } from './guardDecorator';

export type FreshJwtRequiredOptions = Pick<GuardOptions, 'locations' | 'skipRevocationCheck' | 'manager'>;

/** Lets in requests with a fresh access token, one from a recent log-in (flask: jwt_required(fresh=True)). */
export function FreshJwtRequired(...given: [options?: FreshJwtRequiredOptions]): GuardDecorator {
  assertCalled('FreshJwtRequired', given, 1);
  return guardDecorator(
    policyFrom(given[0], ['locations', 'skipRevocationCheck', 'manager'], { fresh: true }),
  );
}
