/** Which refresh tokens of a session are good. More than one is current only within a window of grace. */
export interface RefreshTokens {
  readonly current: readonly string[];
  readonly previous: readonly string[];
  /** Milliseconds since 1970. */
  readonly rotatedAt: number;
}

/** More tabs than this do not refresh at once; who tries is taken for a thief. */
export const MOST_CURRENT = 32;

/** Whether a refresh token is the current one, or was within `grace` seconds. */
export function isGoodRefreshToken(tokens: RefreshTokens, jti: string, grace: number, now: number): boolean {
  if (tokens.current.includes(jti)) return true;
  return tokens.previous.includes(jti) && now - tokens.rotatedAt < grace * 1000;
}

/** The tokens after `used` was exchanged for `next`; undefined where that is reuse. */
export function exchangedRefreshTokens(
  tokens: RefreshTokens,
  used: string,
  next: string,
  grace: number,
  now: number,
): RefreshTokens | undefined {
  if (!isGoodRefreshToken(tokens, used, grace, now)) return undefined;
  if (tokens.current.includes(used)) return { current: [next], previous: tokens.current, rotatedAt: now };
  if (tokens.current.length >= MOST_CURRENT) return undefined;
  return { ...tokens, current: [...tokens.current, next] };
}
