import type { Context } from 'koa';
import {
  Body,
  Ctx,
  CurrentUser,
  Get,
  Header,
  HttpCode,
  HttpError,
  JsonController,
  OnUndefined,
  Post,
  UseBefore,
} from 'routing-controllers';
import { FreshJwtRequired, JwtLocation, JwtManager, JwtRequired } from 'routing-controllers-jwt-extended';
import { Service } from 'typedi';
import { BrowserSession } from '../session/BrowserSession';
import { startSession } from '../session/startSession';
import { tokenAnswer } from '../session/tokenAnswer';
import { Accounts } from '../users/Accounts';
import { NewAccount } from '../users/NewAccount';
import { NewPassword } from '../users/NewPassword';
import type { User } from '../users/User';
import { refuseOtherOrigins } from '../web/refuseOtherOrigins';

@Service()
@JsonController()
export class AccountController {
  constructor(
    private readonly accounts: Accounts,
    private readonly session: BrowserSession,
    private readonly jwt: JwtManager,
  ) {}

  @Post('/signup')
  @HttpCode(201)
  @UseBefore(refuseOtherOrigins)
  async signUp(@Body() { username, password }: NewAccount): Promise<object> {
    const user = await this.accounts.open(username, password);
    if (user === undefined) throw new HttpError(409, 'That name is taken');
    return { name: user.name, roles: user.roles };
  }

  @Get('/me')
  @JwtRequired()
  me(@CurrentUser() { name, roles }: User): object {
    return { name, roles };
  }

  /** Ends every session, because somebody else may know the old password, and starts a new one. */
  @Post('/password')
  @Header('Cache-Control', 'no-store')
  @OnUndefined(204)
  @FreshJwtRequired()
  async changePassword(
    @CurrentUser() user: User,
    @Body() { password }: NewPassword,
    @JwtLocation() location: string,
    @Ctx() ctx: Context,
  ): Promise<object | undefined> {
    await this.accounts.changePassword(user, password);
    await this.jwt.revokeAll(user);
    if (location === 'headers') return tokenAnswer(await startSession(this.jwt, ctx, user));
    await this.session.start(ctx, user);
    return undefined;
  }
}
