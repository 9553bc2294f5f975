import { UserLoader, type UserLoaderInterface, type VerifiedEvent } from 'routing-controllers-jwt-extended';
import { Service } from 'typedi';
import type { User } from '../users/User';
import { UserRepository } from '../users/UserRepository';

/** Loads the user for `@CurrentUser()`. */
@Service()
@UserLoader()
export class CurrentUserLoader implements UserLoaderInterface {
  constructor(private readonly users: UserRepository) {}

  load({ identity }: VerifiedEvent): Promise<User | null> {
    return this.users.find(String(identity));
  }
}
