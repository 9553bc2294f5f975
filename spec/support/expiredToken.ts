import type { AccessTokenOptions, JwtManager } from '../../src/index';

/** An access token of alice that expired at `exp`, in seconds since 1970: made by a real manager in the past. */
export async function expiredToken(
  manager: JwtManager,
  options: AccessTokenOptions = {},
  exp = 1060,
): Promise<string> {
  const { now } = Date;
  Date.now = () => (exp - 60) * 1000;
  try {
    return await manager.createAccessToken('alice', { expires: 60, ...options });
  } finally {
    Date.now = now;
  }
}
