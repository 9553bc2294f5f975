import type { Context } from 'koa';
import {
  Body,
  Ctx,
  Delete,
  JsonController,
  OnUndefined,
  Post,
  UnauthorizedError,
  UseBefore,
} from 'routing-controllers';
import { JwtManager, RefreshJwtRequired } from 'routing-controllers-jwt-extended';
import { Service } from 'typedi';
import { BrowserSession } from '../session/BrowserSession';
import { Accounts } from '../users/Accounts';
import { Credentials } from '../users/Credentials';
import { refuseOtherOrigins } from '../web/refuseOtherOrigins';

/** For browsers: tokens go into cookies that no script can read. The refresh cookie is sent to these routes only. */
@Service()
@JsonController('/session')
export class SessionController {
  constructor(
    private readonly accounts: Accounts,
    private readonly session: BrowserSession,
    private readonly jwt: JwtManager,
  ) {}

  @Post()
  @OnUndefined(204)
  @UseBefore(refuseOtherOrigins)
  async logIn(@Body() { username, password }: Credentials, @Ctx() ctx: Context): Promise<void> {
    const user = await this.accounts.authenticate(username, password);
    if (user === undefined) {
      ctx.set('WWW-Authenticate', 'Bearer');
      throw new UnauthorizedError('Bad username or password');
    }
    await this.session.start(ctx, user);
  }

  @Post('/refresh')
  @OnUndefined(204)
  @RefreshJwtRequired({ locations: ['cookies'] })
  async refresh(@Ctx() ctx: Context): Promise<void> {
    await this.session.refresh(ctx);
  }

  /** Has no guard, because the tokens may have expired, and another tab may have logged out first. */
  @Delete()
  @OnUndefined(204)
  async logOut(@Ctx() ctx: Context): Promise<void> {
    await this.jwt.logOut(ctx, { locations: ['cookies'] });
  }
}
