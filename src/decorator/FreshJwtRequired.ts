import { policyFrom, type GuardOptions } from '../request/Policy';
import { guardDecorator, type GuardDecorator } from './guardDecorator';

export type FreshJwtRequiredOptions = Pick<GuardOptions, 'locations' | 'skipRevocationCheck'>;

/** Lets in requests with a fresh access token, one from a recent log-in (flask: jwt_required(fresh=True)). */
export function FreshJwtRequired(options: FreshJwtRequiredOptions = {}): GuardDecorator {
  return guardDecorator(policyFrom({ ...options, fresh: true }));
}
