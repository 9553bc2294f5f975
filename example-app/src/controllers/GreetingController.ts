import { Get, JsonController } from 'routing-controllers';
import { JwtIdentity, JwtOptional } from 'routing-controllers-jwt-extended';
import { Service } from 'typedi';

@Service()
@JsonController()
export class GreetingController {
  @Get('/greeting')
  @JwtOptional()
  greet(@JwtIdentity() name: string | undefined): object {
    return { greeting: `Hello, ${name ?? 'stranger'}!` };
  }
}
