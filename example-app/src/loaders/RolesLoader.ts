import {
  UserClaimsLoader,
  type IssueEvent,
  type UserClaimsLoaderInterface,
} from 'routing-controllers-jwt-extended';
import { Service } from 'typedi';
import { UserRepository } from '../users/UserRepository';

/** Gives every access token the claim `roles`, which `@Authorized('admin')` looks at. */
@Service()
@UserClaimsLoader()
export class RolesLoader implements UserClaimsLoaderInterface {
  constructor(private readonly users: UserRepository) {}

  async load({ identity, type }: IssueEvent): Promise<Record<string, unknown>> {
    if (type === 'refresh') return {};
    const user = await this.users.find(String(identity));
    return { roles: user?.roles ?? [] };
  }
}
