import type { Context } from 'koa';
import { Body, Ctx, Header, JsonController, OnUndefined, Post, UnauthorizedError } from 'routing-controllers';
import { JwtManager, RefreshJwtRequired } from 'routing-controllers-jwt-extended';
import { Service } from 'typedi';
import { startSession } from '../session/startSession';
import { tokenAnswer } from '../session/tokenAnswer';
import { Accounts } from '../users/Accounts';
import { Credentials } from '../users/Credentials';

/** For clients that store tokens themselves and send them in the Authorization header. */
@Service()
@JsonController()
export class TokenController {
  constructor(
    private readonly accounts: Accounts,
    private readonly jwt: JwtManager,
  ) {}

  @Post('/login')
  @Header('Cache-Control', 'no-store')
  async logIn(@Body() { username, password }: Credentials, @Ctx() ctx: Context): Promise<object> {
    const user = await this.accounts.authenticate(username, password);
    if (user === undefined) {
      ctx.set('WWW-Authenticate', 'Bearer');
      throw new UnauthorizedError('Bad username or password');
    }
    return tokenAnswer(await startSession(this.jwt, ctx, user));
  }

  @Post('/refresh')
  @Header('Cache-Control', 'no-store')
  @RefreshJwtRequired({ locations: ['headers'] })
  async refresh(@Ctx() ctx: Context): Promise<object> {
    return tokenAnswer(await this.jwt.rotate(ctx));
  }

  /** Ends the session of the request's token, either access or refresh, expired or not. */
  @Post('/logout')
  @OnUndefined(204)
  async logOut(@Ctx() ctx: Context): Promise<void> {
    await this.jwt.logOut(ctx, { locations: ['headers'] });
  }
}
