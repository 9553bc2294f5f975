import { Authorized, Get, JsonController } from 'routing-controllers';
import { Service } from 'typedi';
import { UserRepository } from '../users/UserRepository';

@Service()
@JsonController('/admin')
export class AdminController {
  constructor(private readonly users: UserRepository) {}

  @Get('/users')
  @Authorized('admin')
  async list(): Promise<object> {
    const users = await this.users.all();
    return users.map(({ name, roles }) => ({ name, roles }));
  }
}
