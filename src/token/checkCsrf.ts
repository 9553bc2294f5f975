import { createHash, timingSafeEqual } from 'node:crypto';
import { CsrfError, InvalidTokenError } from '../errors';
import type { VerifiedToken } from '../VerifiedToken';

/** Compares a value sent beside a token with its csrf claim, in constant time and whatever their lengths. */
export function checkCsrf({ payload: { csrf } }: VerifiedToken, value: string): void {
  if (typeof csrf !== 'string' || csrf === '') throw new InvalidTokenError('Missing claim: csrf');
  if (!timingSafeEqual(digest(csrf), digest(value)))
    throw new CsrfError('CSRF double submit tokens do not match');
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
