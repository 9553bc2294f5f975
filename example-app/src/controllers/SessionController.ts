import { IsString } from 'class-validator';
import type { Context } from 'koa';
import { Body, Ctx, Header, JsonController, Post, UnauthorizedError } from 'routing-controllers';
import { JwtIdentity, JwtManager, RefreshJwtRequired } from 'routing-controllers-jwt-extended';
import { Service } from 'typedi';
import { Accounts } from '../users/Accounts';

class Credentials {
  @IsString()
  readonly username!: string;

  @IsString()
  readonly password!: string;
}

@Service()
@JsonController()
export class SessionController {
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
    return {
      access_token: await this.jwt.createAccessToken(user.name, { fresh: true }),
      refresh_token: await this.jwt.createRefreshToken(user.name),
    };
  }

  @Post('/refresh')
  @Header('Cache-Control', 'no-store')
  @RefreshJwtRequired()
  async refresh(@JwtIdentity() name: string): Promise<object> {
    return { access_token: await this.jwt.createAccessToken(name) };
  }
}
