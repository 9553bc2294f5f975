import { Service } from 'typedi';
import type { User } from './User';

/** Where users are kept: here in memory, but asked as a database would be. */
@Service()
export class UserRepository {
  readonly #users = new Map<string, User>();

  find(name: string): Promise<User | undefined> {
    return Promise.resolve(this.#users.get(name));
  }

  all(): Promise<readonly User[]> {
    return Promise.resolve([...this.#users.values()]);
  }

  save(user: User): Promise<void> {
    this.#users.set(user.name, user);
    return Promise.resolve();
  }
}
