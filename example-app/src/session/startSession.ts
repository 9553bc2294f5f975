import type { Context } from 'koa';
import type { JwtManager, TokenPair } from 'routing-controllers-jwt-extended';
import type { User } from '../users/User';

/** How long after a log-in a user need not enter the password again. */
const FRESH_FOR = '10 minutes';
/** Enough to recognize a browser. A header may have thousands of characters, which the store would keep. */
const USER_AGENT_LENGTH = 200;

/** Starts a session for a user who has just logged in. */
export function startSession(jwt: JwtManager, ctx: Context, user: User): Promise<TokenPair> {
  const userAgent = ctx.get('User-Agent').slice(0, USER_AGENT_LENGTH);
  return jwt.createTokenPair(user, { fresh: FRESH_FOR, userAgent });
}
