import { policyFrom, type GuardOptions } from '../request/Policy';
import { guardDecorator, type GuardDecorator } from './guardDecorator';

export type JwtOptionalOptions = Omit<GuardOptions, 'optional'>;

/**
 * Lets in requests without a token too, as anonymous. A token that is there must be valid all the same
 * (flask: jwt_required(optional=True)).
 */
export function JwtOptional(options: JwtOptionalOptions = {}): GuardDecorator {
  return guardDecorator(policyFrom({ ...options, optional: true }));
}
