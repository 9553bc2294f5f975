import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { Program, run } from '../support/Program';
import { ROOT } from '../support/root';

// Built apart from example-app/dist, so that it makes its secret here and not in the working copy.
const FOLDER = path.join(ROOT, 'build/example-app');
const SECRET_FILE = path.join(FOLDER, '.secret');
const MAIN = path.join(FOLDER, 'dist/main.js');

const alice = { username: 'alice', password: 'a garden of live flowers' };
const bob = { username: 'bob', password: 'all ways are my ways' };

/** The example as `npm start` runs it, but on a free port. */
class Example {
  private constructor(
    readonly program: Program,
    readonly url: string,
  ) {}

  static async start(env: Record<string, string> = {}): Promise<Example> {
    const program = await Program.start(MAIN, ({ output }) => /# Refresh[^]*\n$/.test(output), {
      cwd: ROOT,
      env: { JWT_SECRET_KEY: undefined, PORT: '0', ...env },
    });
    return new Example(program, /http:\S+/.exec(program.output)?.[0] ?? '');
  }

  get(route: string, token?: string): Promise<Response> {
    return fetch(this.url + route, { headers: bearer(token) });
  }

  post(route: string, body: object = {}, token?: string): Promise<Response> {
    return fetch(this.url + route, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...bearer(token) },
      body: JSON.stringify(body),
    });
  }

  async tokensOf(credentials: object): Promise<{ access_token: string; refresh_token: string }> {
    return (await (await this.post('/login', credentials)).json()) as never;
  }
}

function bearer(token?: string): Record<string, string> {
  return token === undefined ? {} : { authorization: `Bearer ${token}` };
}

describe('The example application', function () {
  this.timeout(60_000);
  const running: Example[] = [];
  let example: Example;

  async function start(env?: Record<string, string>): Promise<Example> {
    const started = await Example.start(env);
    running.push(started);
    return started;
  }

  before(async () => {
    rmSync(FOLDER, { recursive: true, force: true });
    const tsc = path.join(ROOT, 'node_modules/typescript/bin/tsc');
    await run(process.execPath, [tsc, '-p', 'example-app', '--outDir', path.dirname(MAIN)], { cwd: ROOT });
    example = await start();
  });
  after(() => Promise.all(running.map(({ program }) => program.stop())));

  it('prints lines for the shell that do what they say', async () => {
    const lines = example.program.output.slice(example.program.output.indexOf('# Log in'));
    const printed = await run('bash', ['-euo', 'pipefail', '-c', lines], { cwd: FOLDER });
    expect(printed.trim().split('\n')).to.deep.equal([
      '{"msg":"Missing Authorization Header"}',
      '{"name":"alice","roles":["admin"]}',
      '{"greeting":"Hello, stranger!"}',
      '{"greeting":"Hello, alice!"}',
      '[{"name":"alice","roles":["admin"]},{"name":"bob","roles":[]}]',
      '204',
      '{"name":"alice","roles":["admin"]}',
      '{"msg":"Fresh token required"}401',
    ]);
  });

  it('listens on loopback only', () => {
    expect(example.url).to.match(/^http:\/\/127\.0\.0\.1:\d+$/);
  });

  it('keeps tokens out of caches', async () => {
    const answer = await example.post('/login', alice);
    expect(answer.status).to.equal(200);
    expect(answer.headers.get('cache-control')).to.equal('no-store');
    const { refresh_token } = (await answer.json()) as { refresh_token: string };
    const refreshed = await example.post('/refresh', {}, refresh_token);
    expect(refreshed.status).to.equal(200);
    expect(refreshed.headers.get('cache-control')).to.equal('no-store');
  });

  it('answers a wrong password like an unknown user', async () => {
    const answers = [
      await example.post('/login', { ...alice, password: bob.password }),
      await example.post('/login', { ...alice, username: 'nobody' }),
      await example.post('/login', { username: 'nobody', password: '' }),
    ];
    const bodies = await Promise.all(answers.map((answer) => answer.text()));
    for (const answer of answers) {
      expect(answer.status).to.equal(401);
      expect(answer.headers.get('www-authenticate')).to.equal('Bearer');
    }
    expect(new Set(bodies)).to.deep.equal(
      new Set(['{"name":"UnauthorizedError","message":"Bad username or password"}']),
    );
  });

  it('does not send back a password that came in a malformed request', async () => {
    const answer = await example.post('/login', { username: 1, password: alice.password });
    expect(answer.status).to.equal(400);
    expect(await answer.text()).to.not.include(alice.password);
  });

  it('shows users to admins only', async () => {
    const { access_token } = await example.tokensOf(bob);
    expect((await example.get('/admin/users', access_token)).status).to.equal(403);
    expect((await example.get('/admin/users')).status).to.equal(401);
  });

  it('refreshes for a refresh token only, and opens nothing else to it', async () => {
    const { access_token, refresh_token } = await example.tokensOf(bob);
    const refused = await example.post('/refresh', {}, access_token);
    expect(refused.status).to.equal(422);
    expect(await refused.json()).to.deep.equal({ msg: 'Only refresh tokens are allowed' });
    expect((await example.get('/me', refresh_token)).status).to.equal(422);
  });

  it('changes a password', async () => {
    const { access_token } = await example.tokensOf(bob);
    const changed = { ...bob, password: 'how fine you look when dressed in rage' };
    expect((await example.post('/password', { password: 'short' }, access_token)).status).to.equal(400);
    expect((await example.post('/login', bob)).status).to.equal(200);
    expect((await example.post('/password', { password: changed.password }, access_token)).status).to.equal(
      204,
    );
    expect((await example.post('/login', bob)).status).to.equal(401);
    expect((await example.post('/login', changed)).status).to.equal(200);
  });

  it('answers an expired token in its own words', async () => {
    const hurried = await start({ JWT_ACCESS_TOKEN_EXPIRES: '1' });
    const { access_token } = await hurried.tokensOf(alice);
    await sleep(2000);
    const answer = await hurried.get('/me', access_token);
    expect(answer.status).to.equal(401);
    expect(await answer.json()).to.deep.equal({
      msg: 'Your access token has expired: POST /refresh with your refresh token',
    });
  });

  it('makes a secret for its owner alone and keeps it, so that tokens outlive a restart', async () => {
    expect(readFileSync(SECRET_FILE, 'utf8')).to.match(/^[\w-]{43}$/);
    expect(statSync(SECRET_FILE).mode & 0o777).to.equal(0o600);
    const { access_token } = await example.tokensOf(alice);
    const restarted = await start();
    expect((await restarted.get('/me', access_token)).status).to.equal(200);
  });

  it('prefers the secret of JWT_SECRET_KEY, and then makes none', async () => {
    const { access_token } = await example.tokensOf(alice);
    rmSync(SECRET_FILE);
    const configured = await start({ JWT_SECRET_KEY: randomBytes(32).toString('base64url') });
    expect((await configured.get('/me', access_token)).status).to.equal(422);
    expect(existsSync(SECRET_FILE)).to.equal(false);
  });
});
