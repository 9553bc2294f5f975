import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, rmSync, statSync } from 'node:fs';
import http from 'node:http';
import { networkInterfaces } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { run } from '../support/Program';
import { Example, FOLDER, type Tokens } from './Example';

const SECRET_FILE = path.join(FOLDER, '.secret');
const DATA_FILE = path.join(FOLDER, 'restarted.sqlite');

const alice = { username: 'alice', password: 'a garden of live flowers' };
const bob = { username: 'bob', password: 'all ways are my ways' };

describe('The example application', function () {
  this.timeout(60_000);
  let example: Example;

  before(async () => {
    example = await Example.start();
    await example.signUp(alice, bob);
  });
  after(() => Example.stopAll());

  it('prints five lines: its URL, its API, the tour, how to make an admin, how to stop', () => {
    expect(example.program.output).to.equal(
      `The example application runs on ${example.url}
Its API, to try in a browser:  ${example.url}/api
A tour with curl:              example-app/README.md
Sign up, then make an admin:   npm run make-admin --workspace example-app -- NAME
Stop it with Ctrl+C
`,
    );
  });

  it('prints nothing about clients that close their connection after the last byte, as curl does', async () => {
    const before = example.program.output;
    for (let i = 0; i < 5; i++) {
      expect(await run('curl', ['-s', `${example.url}/style.css`], { cwd: FOLDER })).to.include('{');
    }
    await sleep(100);
    expect(example.program.output).to.equal(before);
  });

  it('uses localhost, where browsers accept Secure cookies, and listens on loopback only', async () => {
    expect(example.url).to.match(/^http:\/\/localhost:\d+$/);
    const { port } = new URL(example.url);
    for (const address of Object.values(networkInterfaces()).flat()) {
      if (!address || address.internal || address.family !== 'IPv4') continue;
      expect(await canConnect(address.address, port)).to.equal(false);
    }
    expect(await canConnect('127.0.0.1', port)).to.equal(true);
  });

  it('says in one line that its port is in use', async () => {
    const { port } = new URL(example.url);
    const failure = await Example.start({ PORT: port }).catch((error: unknown) => String(error));
    expect(failure).to.match(
      new RegExp(
        `:\\nPort ${port} is in use: stop the program that listens there, or choose another: PORT=3001 npm start\\n$`,
      ),
    );
  });

  it('answers a wrong password and a refused token in one format', async () => {
    const wrong = await example.post('/login', { ...alice, password: 'guess' });
    const refused = await example.get('/me', 'x');
    for (const answer of [wrong, refused, await example.get('/me')]) {
      expect(Object.keys((await answer.json()) as object), String(answer.status)).to.deep.equal(['msg']);
      expect(answer.headers.get('www-authenticate')).to.match(/^Bearer/);
    }
  });

  it('keeps accounts across a restart, and stores password hashes only', async () => {
    rmSync(DATA_FILE, { force: true });
    const first = await Example.start({ DATABASE_FILE: DATA_FILE });
    await first.signUp(alice);
    const { access_token } = await first.tokensOf(alice);
    await first.stop();

    const stored = readFileSync(DATA_FILE, 'latin1');
    expect(stored).to.include('$argon2id$v=19$m=19456,t=2,p=1$').and.not.include(alice.password);
    const second = await Example.start({ DATABASE_FILE: DATA_FILE });
    expect((await second.post('/login', alice)).status).to.equal(200);
    // Sessions were in memory, so nobody knows which of them have ended.
    expect((await second.get('/me', access_token)).status).to.equal(401);
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

  it('answers a wrong password like an unknown user, in the same time', async () => {
    const attempts = {
      wrong: { ...alice, password: bob.password },
      unknown: { ...alice, username: 'nobody' },
      empty: { username: 'nobody', password: '' },
    };
    const shortest: Record<string, number> = {};
    for (const route of ['/login', '/session']) {
      for (const [name, credentials] of Object.entries(attempts)) {
        for (let i = 0; i < 5; i++) {
          const start = performance.now();
          const answer = await example.post(route, credentials);
          shortest[name] = Math.min(shortest[name] ?? Infinity, performance.now() - start);
          expect(answer.status).to.equal(401);
          expect(answer.headers.get('www-authenticate')).to.equal('Bearer');
          expect(answer.headers.getSetCookie()).to.deep.equal([]);
          expect(await answer.json()).to.deep.equal({ msg: 'Bad username or password' });
        }
      }
    }
    // Without a hash for unknown users it is a tenth.
    const { wrong, ...others } = shortest;
    for (const time of Object.values(others)) expect(time).to.be.greaterThan(Number(wrong) / 2);
  });

  it('does not send back a password from a malformed request', async () => {
    const malformed = [
      await example.post('/login', { username: 1, password: alice.password }),
      await example.post('/signup', { username: '', password: 'too short' }),
      await fetch(`${example.url}/signup`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{"password": too short',
      }),
    ];
    for (const answer of malformed) {
      expect(answer.status).to.equal(400);
      expect(await answer.text()).to.not.match(new RegExp(`${alice.password}|too short|\\bat `));
    }
  });

  it('explains a failed sign-up', async () => {
    const refused = await example.post('/signup', { username: 'A B', password: 'too short' });
    const { msg } = (await refused.json()) as { msg: string };
    expect(msg).to.include('12 characters').and.include('username must be');
    const taken = await example.post('/signup', { ...alice, password: bob.password });
    expect([taken.status, await taken.json()]).to.deep.equal([409, { msg: 'That name is taken' }]);
    expect((await example.post('/login', alice)).status).to.equal(200);
  });

  it('ignores roles that a client sends', async () => {
    const mallory = { username: 'mallory', password: 'a password of twelve' };
    await example.signUp({ ...mallory, roles: ['admin'], id: 'x' });
    const { access_token } = await example.tokensOf({ ...mallory, roles: ['admin'] });
    expect(await (await example.get('/me', access_token)).json()).to.deep.equal({
      name: 'mallory',
      roles: [],
    });
    expect((await example.get('/admin/users', access_token)).status).to.equal(403);
    expect((await example.get('/admin/users')).status).to.equal(401);
  });

  it('refreshes only with a refresh token, which opens nothing else', async () => {
    const { access_token, refresh_token } = await example.tokensOf(bob);
    const refused = await example.post('/refresh', {}, access_token);
    expect(refused.status).to.equal(422);
    expect(await refused.json()).to.deep.equal({ msg: 'Only refresh tokens are allowed' });
    expect((await example.get('/me', refresh_token)).status).to.equal(422);
  });

  it('does not exchange a cookie for tokens that scripts can read', async () => {
    const { refresh_token } = await example.tokensOf(bob);
    const answer = await fetch(`${example.url}/refresh`, {
      method: 'POST',
      headers: { cookie: `refresh_token_cookie=${refresh_token}`, 'x-csrf-token': csrfOf(refresh_token) },
    });
    expect([answer.status, await answer.json()]).to.deep.equal([
      401,
      { msg: 'Missing Authorization Header' },
    ]);
  });

  it('changes a password and ends every other session', async () => {
    const { access_token } = await example.tokensOf(bob);
    const elsewhere = await example.tokensOf(bob);
    const changed = { ...bob, password: 'how fine you look when dressed in rage' };
    expect((await example.post('/password', { password: 'short' }, access_token)).status).to.equal(400);
    expect((await example.post('/login', bob)).status).to.equal(200);
    const answer = await example.post('/password', { password: changed.password }, access_token);
    expect([answer.status, answer.headers.get('cache-control')]).to.deep.equal([200, 'no-store']);
    const next = (await answer.json()) as Tokens;
    for (const ended of [access_token, elsewhere.access_token]) {
      expect((await example.get('/me', ended)).status).to.equal(401);
    }
    expect((await example.post('/refresh', {}, elsewhere.refresh_token)).status).to.equal(401);
    expect((await example.post('/refresh', {}, next.refresh_token)).status).to.equal(200);
    expect((await example.post('/login', bob)).status).to.equal(401);
    expect((await example.post('/login', changed)).status).to.equal(200);
  });

  it('answers an expired token with its own message', async () => {
    const hurried = await Example.start({ JWT_ACCESS_TOKEN_EXPIRES: '1' });
    await hurried.signUp(alice);
    const { access_token } = await hurried.tokensOf(alice);
    await sleep(2000);
    const answer = await hurried.get('/me', access_token);
    expect(answer.status).to.equal(401);
    expect(await answer.json()).to.deep.equal({
      code: 'expired',
      msg: 'Your access token has expired: refresh it with your refresh token',
    });
  });

  it('refuses a log-in and a sign-up from another site', async () => {
    const foreign = [
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
      { origin: 'http://evil.example' },
      { origin: 'null' },
    ];
    const own = [{ 'sec-fetch-site': 'same-origin' }, { 'sec-fetch-site': 'none' }, { origin: example.url }];
    const status = async (route: string, headers: Record<string, string>): Promise<number> => {
      const body = new URLSearchParams(alice);
      return (await fetch(example.url + route, { method: 'POST', headers, body })).status;
    };
    for (const headers of foreign) {
      expect(await status('/session', headers)).to.equal(403);
      expect(await status('/signup', headers)).to.equal(403);
    }
    for (const headers of own) expect(await status('/session', headers)).to.equal(204);
  });

  it('forbids foreign scripts and frames in every answer, even a refusal', async () => {
    for (const route of ['/', '/me', '/nowhere', '/app.js']) {
      const { headers } = await example.get(route);
      expect(headers.get('content-security-policy')).to.match(/^default-src 'none'; script-src 'self';/);
      expect(headers.get('x-content-type-options')).to.equal('nosniff');
      expect(headers.get('referrer-policy')).to.equal('same-origin');
    }
  });

  it('stores a secret that only its owner can read, so tokens survive a restart', () => {
    expect(readFileSync(SECRET_FILE, 'utf8')).to.match(/^[\w-]{43}$/);
    expect(statSync(SECRET_FILE).mode & 0o777).to.equal(0o600);
  });

  it('prefers the secret in JWT_SECRET_KEY, and then stores none', async () => {
    const { access_token } = await example.tokensOf(alice);
    rmSync(SECRET_FILE);
    const configured = await Example.start({ JWT_SECRET_KEY: randomBytes(32).toString('base64url') });
    expect((await configured.get('/me', access_token)).status).to.equal(422);
    expect(existsSync(SECRET_FILE)).to.equal(false);
  });
});

function csrfOf(token: string): string {
  const claims = Buffer.from(String(token.split('.')[1]), 'base64url').toString();
  return (JSON.parse(claims) as { csrf: string }).csrf;
}

function canConnect(host: string, port: string): Promise<boolean> {
  return new Promise((resolve) => {
    http
      .get({ host, port, agent: false }, (answer) => {
        answer.resume();
        resolve(true);
      })
      .on('error', () => {
        resolve(false);
      });
  });
}
