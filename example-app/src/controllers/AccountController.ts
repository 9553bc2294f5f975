import {
  Body,
  CurrentUser,
  Get,
  HttpCode,
  HttpError,
  JsonController,
  OnUndefined,
  Post,
  UseBefore,
} from 'routing-controllers';
import { FreshJwtRequired, JwtRequired } from 'routing-controllers-jwt-extended';
import { Service } from 'typedi';
import { Accounts } from '../users/Accounts';
import { NewAccount } from '../users/NewAccount';
import { NewPassword } from '../users/NewPassword';
import type { User } from '../users/User';
import { refuseOtherOrigins } from '../web/refuseOtherOrigins';

@Service()
@JsonController()
export class AccountController {
  constructor(private readonly accounts: Accounts) {}

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

  @Post('/password')
  @OnUndefined(204)
  @FreshJwtRequired()
  async changePassword(@CurrentUser() user: User, @Body() { password }: NewPassword): Promise<void> {
    await this.accounts.changePassword(user, password);
  }
}
