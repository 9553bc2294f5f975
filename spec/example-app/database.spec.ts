import { rmSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { run } from '../support/Program';
import { ROOT } from '../support/root';
import { Example, FOLDER, type Env } from './Example';
import { isPostgresReachable, temporaryDatabase } from './postgres';

const alice = { username: 'alice', password: 'a garden of live flowers' };
const bob = { username: 'bob', password: 'all ways are my ways' };
const DATA_FILE = path.join(FOLDER, 'database-spec.sqlite');

describe('The example application on SQLite', () => {
  behavesOn(() => {
    rmSync(DATA_FILE, { force: true });
    return Promise.resolve({ env: { DATABASE_FILE: DATA_FILE } });
  });
});

describe('The example application on PostgreSQL', () => {
  if (isPostgresReachable()) {
    let drop: () => Promise<void>;
    behavesOn(async () => {
      const database = await temporaryDatabase();
      drop = database.drop;
      return { env: { DATABASE_URL: database.url } };
    });
    after(() => drop());
  } else if (process.env['REQUIRE_POSTGRES'] === '1') {
    it('is tested', () => {
      throw new Error('No PostgreSQL server is reachable, but REQUIRE_POSTGRES is set');
    });
  } else {
    it('is skipped: no server on DATABASE_URL or 127.0.0.1:5432');
  }
});

/** The specs run in order, on the same data. */
function behavesOn(prepare: () => Promise<{ env: Env }>): void {
  let env: Env;
  let example: Example;

  before(async function () {
    this.timeout(60_000);
    ({ env } = await prepare());
    example = await Example.start(env);
  });
  after(() => Example.stopAll());

  async function restart(): Promise<void> {
    await example.stop();
    example = await Example.start(env);
  }

  it('gives a name to only one of many simultaneous sign-ups', async () => {
    const answers = await Promise.all(Array.from({ length: 10 }, () => example.post('/signup', alice)));
    const statuses = answers.map(({ status }) => status).sort();
    expect(statuses).to.deep.equal([201, ...Array.from({ length: 9 }, () => 409)]);
  });

  it('remembers users and admins after a restart', async () => {
    await example.signUp(bob);
    expect(await example.makeAdmin('alice')).to.include('alice is an admin');
    await restart();
    const { access_token } = await example.tokensOf(alice);
    expect(await (await example.get('/admin/users', access_token)).json()).to.deep.equal([
      { name: 'alice', roles: ['admin'] },
      { name: 'bob', roles: [] },
    ]);
    const bobs = await example.tokensOf(bob);
    expect((await example.get('/admin/users', bobs.access_token)).status).to.equal(403);
  });

  it('makes no admin of an unknown user', async () => {
    const failure = await example.makeAdmin('nobody').catch((error: unknown) => String(error));
    expect(failure).to.include('There is no user nobody: sign up first');
  });

  it('refuses a name that PostgreSQL cannot store', async () => {
    const answer = await example.post('/login', { username: 'bob\0', password: bob.password });
    expect(answer.status).to.equal(400);
  });

  it('has the tables that its entities need', async () => {
    expect(await typeorm('schema:log')).to.include('Your schema is up to date');
  });

  it('lets nobody in if the user query fails, and does not reveal the query', async () => {
    const { access_token } = await example.tokensOf(bob);
    await typeorm('query', 'DROP TABLE "user"');
    for (const answer of [
      await example.get('/me', access_token),
      await example.get('/greeting', access_token),
    ]) {
      expect([answer.status, await answer.json()]).to.deep.equal([500, { msg: 'Internal Server Error' }]);
    }
    expect(example.program.output).to.include('QueryFailedError');
  });

  /** The TypeORM CLI, which developers use for migrations. */
  function typeorm(command: string, ...args: string[]): Promise<string> {
    const cli = path.join(ROOT, 'node_modules/typeorm/cli.js');
    const source = path.join(FOLDER, 'dist/database/dataSource.js');
    const surroundings = { cwd: ROOT, env: { DATABASE_URL: undefined, NO_COLOR: '1', ...env } };
    return run(process.execPath, [cli, command, ...args, '-d', source], surroundings);
  }
}
