import type { AccessTokenOptions, JwtManager } from '../../src/index';

/** An access token of alice that expired long ago, made by a real manager in the past. */
export async function expiredToken(manager: JwtManager, options: AccessTokenOptions = {}): Promise<string> {
  const { now } = Date;
  Date.now = () => 1_000_000;
  try {
    return await manager.createAccessToken('alice', { expires: 60, ...options });
  } finally {
    Date.now = now;
  }
}
