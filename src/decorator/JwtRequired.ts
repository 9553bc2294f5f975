import { policyFrom, type GuardOptions } from '../request/Policy';
import { guardDecorator, type GuardDecorator } from './guardDecorator';

export type JwtRequiredOptions = Pick<GuardOptions, 'locations' | 'verifyType' | 'skipRevocationCheck'>;

/** Lets in requests with a valid access token, and answers all others (flask: jwt_required()). */
export function JwtRequired(options: JwtRequiredOptions = {}): GuardDecorator {
  return guardDecorator(policyFrom(options));
}
