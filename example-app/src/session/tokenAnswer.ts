import type { TokenPair } from 'routing-controllers-jwt-extended';

/** A pair of tokens as OAuth 2.0 names them, for clients that keep tokens themselves. */
export function tokenAnswer({ accessToken, refreshToken }: TokenPair): object {
  return { access_token: accessToken, refresh_token: refreshToken };
}
