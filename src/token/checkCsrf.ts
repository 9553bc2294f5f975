import type { VerifiedToken } from '../claims';
import { CsrfError, InvalidTokenError } from '../errors';
import { areEqual } from './areEqual';

/** Compares a value sent beside a token with its csrf claim. Throws CsrfError. */
export function checkCsrf({ payload: { csrf } }: VerifiedToken, value: string): void {
  if (typeof csrf !== 'string' || csrf === '') throw new InvalidTokenError('Missing claim: csrf');
  if (!areEqual(csrf, value)) throw new CsrfError('CSRF double submit tokens do not match');
}
