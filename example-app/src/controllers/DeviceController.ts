import type { Context } from 'koa';
import { Ctx, CurrentUser, Delete, Get, JsonController, OnUndefined, Param } from 'routing-controllers';
import { JwtClaim, JwtManager, JwtRequired } from 'routing-controllers-jwt-extended';
import { Service } from 'typedi';
import type { User } from '../users/User';

/** Lists and ends the sessions of a user. */
@Service()
@JsonController('/sessions')
@JwtRequired()
export class DeviceController {
  constructor(private readonly jwt: JwtManager) {}

  @Get()
  async list(@CurrentUser() user: User, @JwtClaim('sid') mine: string): Promise<object> {
    const sessions = await this.jwt.sessions(user);
    return sessions.map(({ sid, started, refreshed, userAgent }) => ({
      sid,
      isThis: sid === mine,
      started: isoTime(started),
      refreshed: isoTime(refreshed),
      userAgent,
    }));
  }

  @Delete('/:sid')
  @OnUndefined(204)
  async end(@CurrentUser() user: User, @Param('sid') sid: string): Promise<void> {
    await this.jwt.endSession(user, sid);
  }

  @Delete()
  @OnUndefined(204)
  async endAll(@CurrentUser() user: User, @Ctx() ctx: Context): Promise<void> {
    await this.jwt.revokeAll(user);
    this.jwt.unsetJwtCookies(ctx);
  }
}

function isoTime(seconds: number): string {
  return new Date(seconds * 1000).toISOString();
}
