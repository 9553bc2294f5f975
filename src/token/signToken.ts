import { MAX_CHARACTERS } from './CompactToken';
import type { NewToken } from './newToken';
import { signatureOf } from './signature';
import type { SigningKey } from './SigningKey';

/** Signs a token (RFC 7515 §5.1). Throws TypeError when it is too long. */
export function signToken({ header, claims }: NewToken, { key, algorithm }: SigningKey): string {
  const input = `${segment(header)}.${segment(claims)}`;
  const token = `${input}.${signatureOf(input, key, algorithm)}`;
  if (token.length <= MAX_CHARACTERS) return token;
  throw new TypeError(
    `A token must have at most ${MAX_CHARACTERS} characters: keep the claims somewhere else`,
  );
}

function segment(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
