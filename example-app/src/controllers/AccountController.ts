import { MinLength } from 'class-validator';
import { Body, CurrentUser, Get, JsonController, OnUndefined, Post } from 'routing-controllers';
import { FreshJwtRequired, JwtRequired } from 'routing-controllers-jwt-extended';
import { Service } from 'typedi';
import { Accounts } from '../users/Accounts';
import type { User } from '../users/User';

class NewPassword {
  @MinLength(12)
  readonly password!: string;
}

@Service()
@JsonController()
export class AccountController {
  constructor(private readonly accounts: Accounts) {}

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
