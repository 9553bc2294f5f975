import { expect } from 'chai';
import { DocPage, type PageServer } from '../support/DocPage';

interface Cached {
  find(name: string): Promise<{ roles: string[] } | undefined>;
  setRoles(name: string, roles: string[]): Promise<void>;
}
interface Rows {
  queries: number;
  find(name: string): Promise<{ roles: string[] } | undefined>;
}
interface Classes {
  CachedUsers: new (database: Rows) => Cached;
  Database: new () => Rows;
}

describe('docs/roles.md', () => {
  const page = new DocPage('roles');

  it('answers 403 with a challenge to a user without the role, and 401 to one without an account', async () => {
    const server: PageServer = await page.serve('server');
    try {
      const logIn = async (name: string): Promise<string> => {
        const body = JSON.stringify({ name, password: 'wonderland' });
        const headers = { 'content-type': 'application/json' };
        const answer = await fetch(`${server.url}/session`, { method: 'POST', headers, body });
        return ((await answer.json()) as { token: string }).token;
      };
      const send = async (path: string, name: string, method = 'GET'): Promise<Response> =>
        fetch(server.url + path, { method, headers: { authorization: `Bearer ${await logIn(name)}` } });
      const forbidden = await send('/users/alice', 'bob', 'DELETE');
      expect(forbidden.status).to.equal(403);
      expect(forbidden.headers.get('www-authenticate')).to.match(/^Bearer error="insufficient_scope"/);
      expect((await send('/reports', 'bob')).status).to.equal(200);
      expect((await send('/reports', 'carol')).status).to.equal(401);
      expect((await send('/users/bob', 'alice', 'DELETE')).status).to.equal(200);
      expect((await send('/reports', 'bob')).status).to.equal(401);
    } finally {
      await server.stop();
    }
  });

  it('asks the database once while its cache knows the user, and again after a change', async () => {
    const { CachedUsers, Database } = (await import(page.fileOf('users'))) as Classes;
    const database = new Database();
    const users = new CachedUsers(database);
    await Promise.all(Array.from({ length: 100 }, () => users.find('bob')));
    expect(database.queries).to.equal(1);
    await users.setRoles('bob', ['admin']);
    expect(await users.find('bob')).to.have.deep.property('roles', ['admin']);
    expect(database.queries).to.equal(2);
  });

  it('never puts back roles that were read before a change', async () => {
    const { CachedUsers, Database } = (await import(page.fileOf('users'))) as Classes;
    const database = new Database();
    const users = new CachedUsers(database);
    const read = database.find.bind(database);
    let answer = (): void => undefined;
    database.find = async (name) => {
      const row = await read(name);
      await new Promise<void>((resolve) => (answer = resolve));
      return row;
    };
    const before = users.find('bob');
    await Promise.resolve();
    await Promise.resolve();
    await users.setRoles('bob', []);
    answer();
    expect(await before).to.have.deep.property('roles', ['reader']);
    database.find = read;
    expect(await users.find('bob')).to.have.deep.property('roles', []);
  });

  it('does not keep a failed query', async () => {
    const { CachedUsers, Database } = (await import(page.fileOf('users'))) as Classes;
    const database = new Database();
    const users = new CachedUsers(database);
    const read = database.find.bind(database);
    database.find = () => Promise.reject(new Error('down'));
    expect(await users.find('bob').catch((error: unknown) => String(error))).to.equal('Error: down');
    database.find = read;
    expect(await users.find('bob')).to.have.deep.property('roles', ['reader']);
  });
});
