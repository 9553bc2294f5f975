import { Service } from 'typedi';
import { hashPassword, isPassword } from './password';
import type { User } from './User';
import { UserRepository } from './UserRepository';

@Service()
export class Accounts {
  constructor(private readonly users: UserRepository) {}

  /** Undefined if the name is taken. */
  async open(name: string, password: string): Promise<User | undefined> {
    return this.users.add(name, await hashPassword(password));
  }

  async authenticate(name: string, password: string): Promise<User | undefined> {
    const user = await this.users.findByName(name);
    // Hash for unknown users too, so that the time does not reveal who has an account.
    const isRight = await isPassword(password, user?.passwordHash ?? (await NOBODYS_HASH));
    return isRight ? (user ?? undefined) : undefined;
  }

  async changePassword(user: User, password: string): Promise<void> {
    await this.users.change(user, { passwordHash: await hashPassword(password) });
  }
}

const NOBODYS_HASH = hashPassword('');
