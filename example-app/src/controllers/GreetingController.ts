import { CurrentUser, Get, JsonController } from 'routing-controllers';
import { JwtOptional } from 'routing-controllers-jwt-extended';
import { Service } from 'typedi';
import type { User } from '../users/User';

@Service()
@JsonController()
export class GreetingController {
  @Get('/greeting')
  @JwtOptional()
  greet(@CurrentUser() user?: User): object {
    return { greeting: `Hello, ${user?.name ?? 'stranger'}!` };
  }
}
