import { randomUUID } from 'node:crypto';
import { Service } from 'typedi';
import { DataSource, type Repository } from 'typeorm';
import { User } from './User';

@Service()
export class UserRepository {
  readonly #users: Repository<User>;

  constructor(database: DataSource) {
    this.#users = database.getRepository(User);
  }

  find(id: string): Promise<User | null> {
    return this.#users.findOneBy({ id });
  }

  findByName(name: string): Promise<User | null> {
    return this.#users.findOneBy({ name });
  }

  all(): Promise<User[]> {
    return this.#users.find({ order: { name: 'ASC' } });
  }

  /** The new user, or undefined if the name is taken, even by a concurrent request. */
  async add(name: string, passwordHash: string): Promise<User | undefined> {
    const user = this.#users.create({ id: randomUUID(), name, passwordHash, roles: [] });
    await this.#users.createQueryBuilder().insert().values(user).orIgnore().execute();
    return (await this.find(user.id)) ?? undefined;
  }

  async change({ id }: User, changes: Partial<Pick<User, 'passwordHash' | 'roles'>>): Promise<void> {
    await this.#users.update({ id }, changes);
  }
}
