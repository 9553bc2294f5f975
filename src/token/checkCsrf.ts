import { createHash, timingSafeEqual } from 'node:crypto';
import type { VerifiedToken } from '../claims';
import { CsrfError, InvalidTokenError } from '../errors';

/** Compares a value sent beside a token with its csrf claim, in constant time for all lengths. Throws CsrfError. */
export function checkCsrf({ payload: { csrf } }: VerifiedToken, value: string): void {
  if (typeof csrf !== 'string' || csrf === '') throw new InvalidTokenError('Missing claim: csrf');
  if (!timingSafeEqual(digest(csrf), digest(value)))
    throw new CsrfError('CSRF double submit tokens do not match');
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
