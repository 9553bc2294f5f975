import { policyFrom, type GuardOptions } from '../request/Policy';
import { guardDecorator, type GuardDecorator } from './guardDecorator';

export type RefreshJwtRequiredOptions = Pick<GuardOptions, 'locations' | 'skipRevocationCheck'>;

/** Lets in requests with a valid refresh token, and no other (flask: jwt_required(refresh=True)). */
export function RefreshJwtRequired(options: RefreshJwtRequiredOptions = {}): GuardDecorator {
  return guardDecorator(policyFrom({ ...options, refresh: true }));
}
