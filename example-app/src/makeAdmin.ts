import 'reflect-metadata';
import { dataSource } from './database/dataSource';
import { UserRepository } from './users/UserRepository';

/** `makeAdmin.js NAME`: making an admin requires database access. No request can do it. */
async function makeAdmin(name: string): Promise<void> {
  await dataSource.initialize();
  try {
    const users = new UserRepository(dataSource);
    const user = await users.findByName(name);
    if (user === null) throw new Error(`There is no user ${name}: sign up first`);
    await users.change(user, { roles: [...new Set([...user.roles, 'admin'])] });
    console.log(`${name} is an admin from the next log-in or refresh`);
  } finally {
    await dataSource.destroy();
  }
}

makeAdmin(process.argv[2] ?? '').catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
