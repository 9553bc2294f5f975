import type { TokenPair } from 'routing-controllers-jwt-extended';

/** A pair of tokens with OAuth 2.0 names, for clients that store tokens themselves. */
export function tokenAnswer({ accessToken, refreshToken }: TokenPair): object {
  return { access_token: accessToken, refresh_token: refreshToken };
}
