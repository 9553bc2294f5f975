import type { Context } from 'koa';
import {
  Body,
  Ctx,
  CurrentUser,
  Header,
  JsonController,
  OnUndefined,
  Post,
  UnauthorizedError,
} from 'routing-controllers';
import {
  JwtManager,
  JwtPayload,
  JwtRequired,
  RefreshJwtRequired,
  type JwtClaims,
} from 'routing-controllers-jwt-extended';
import { Service } from 'typedi';
import { FRESH_FOR } from '../session/freshFor';
import { RevokedTokens } from '../session/RevokedTokens';
import { Accounts } from '../users/Accounts';
import { Credentials } from '../users/Credentials';
import type { User } from '../users/User';

/** For clients that keep tokens themselves, and send them in the Authorization header. */
@Service()
@JsonController()
export class TokenController {
  constructor(
    private readonly accounts: Accounts,
    private readonly jwt: JwtManager,
    private readonly revoked: RevokedTokens,
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
      access_token: await this.jwt.createAccessToken(user, { fresh: FRESH_FOR }),
      refresh_token: await this.jwt.createRefreshToken(user),
    };
  }

  @Post('/refresh')
  @Header('Cache-Control', 'no-store')
  @RefreshJwtRequired({ locations: ['headers'] })
  async refresh(@CurrentUser() user: User): Promise<object> {
    return { access_token: await this.jwt.createAccessToken(user) };
  }

  /** Ends the token that comes with the request; to log out, send both. */
  @Post('/logout')
  @OnUndefined(204)
  @JwtRequired({ verifyType: false, locations: ['headers'] })
  async logOut(@JwtPayload() claims: JwtClaims): Promise<void> {
    await this.revoked.add(claims);
  }
}
