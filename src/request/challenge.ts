import type { JwtConfig } from '../config/JwtConfig';
import type { ChallengeError } from '../errors';

/** A `WWW-Authenticate` value (RFC 6750 §3). Without an error for a request without credentials (§3.1). */
export function challenge({ headerType }: JwtConfig, error?: ChallengeError, description = ''): string {
  const scheme = headerType === '' ? 'Bearer' : headerType;
  if (error === undefined) return scheme;
  return `${scheme} error="${error}", error_description="${description.replace(NOT_ALLOWED, "'")}"`;
}

// RFC 6750 §3: neither quotes nor backslashes, nor anything outside of ASCII.
const NOT_ALLOWED = /[^\x20\x21\x23-\x5B\x5D-\x7E]/g;
