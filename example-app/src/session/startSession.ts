import type { Context } from 'koa';
import type { JwtManager, TokenPair } from 'routing-controllers-jwt-extended';
import type { User } from '../users/User';

/** How long after a log-in a user need not enter the password again. */
const FRESH_FOR = '10 minutes';

/** Starts a session for a user who has just logged in. */
export function startSession(jwt: JwtManager, ctx: Context, user: User): Promise<TokenPair> {
  return jwt.createTokenPair(user, { fresh: FRESH_FOR, userAgent: ctx.get('User-Agent') });
}
