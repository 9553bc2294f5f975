import type { JwtConfig } from '../config/JwtConfig';
import { assertJson } from './assertJson';

/**
 * Throws TypeError for an identity that a token cannot have, and for one that was plainly a mistake. `source` says
 * where it came from.
 */
export function assertIdentity(
  identity: unknown,
  source: string,
  { verifySub, identityClaim }: JwtConfig,
): void {
  if (typeof identity === 'string' && isMistake(identity)) {
    throw new TypeError(
      `The identity of a token must not be ${JSON.stringify(identity)}, which ${source}: that is the text of a value without an id, so many users would share it`,
    );
  }
  if (verifySub || identity === undefined || identity === null) {
    if (typeof identity === 'string' && identity !== '') return;
    throw new TypeError(
      `The identity of a token must be a non-empty string, unlike what ${source}: pass String(user.id), or let a @UserIdentityLoader() make one of the user`,
    );
  }
  assertJson({ identity }, identityClaim);
  // JSON would leave it out, and then objects without an id would all be the same user.
  if (hasUndefined(identity)) {
    throw new TypeError(`The identity of a token must not have undefined members, unlike what ${source}`);
  }
}

/** Whether a token can have an identity. */
export function isIdentity(identity: unknown, config: JwtConfig): boolean {
  try {
    assertIdentity(identity, 'was passed in', config);
    return true;
  } catch {
    return false;
  }
}

/**
 * Whether a string is what JavaScript makes of a missing value or of an object, by itself or as a part of an
 * identity such as `tenant:undefined`.
 */
function isMistake(identity: string): boolean {
  if (identity !== '' && identity.trim() === '') return true;
  return identity.split(/[:/|]/).some((part) => /^(undefined|null|NaN|\[object .*\])$/.test(part.trim()));
}

function hasUndefined(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return value === undefined;
  return Object.values(value).some(hasUndefined);
}
