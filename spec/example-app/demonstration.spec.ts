import { expect } from 'chai';
import { Example } from './Example';

const alice = { username: 'alice', password: 'a garden of live flowers' };

interface Seen {
  readonly header: object;
  readonly claims: Readonly<Record<string, number | string | boolean | undefined>>;
  readonly now: number;
}

describe('The demonstration of the example application', function () {
  this.timeout(60_000);
  let example: Example;

  before(async () => {
    example = await Example.start();
    await example.signUp(alice);
  });
  after(() => Example.stopAll());

  it('says in headers where the token was and why it was refused', async () => {
    const { access_token: token } = await example.tokensOf(alice);
    const found = async (answer: Promise<Response>): Promise<unknown[]> => {
      const { status, headers } = await answer;
      return [status, headers.get('x-jwt-location'), headers.get('x-jwt-code')];
    };
    expect(await found(example.get('/me', token))).to.deep.equal([200, 'headers', null]);
    expect(await found(example.get('/me', `${token}x`))).to.deep.equal([422, 'headers', 'ERR_JWT_INVALID']);
    expect(await found(example.get('/me'))).to.deep.equal([401, 'cookies', 'ERR_JWT_MISSING']);
    expect(await found(cookies('GET', '/me', await logIn()))).to.deep.equal([200, 'cookies', null]);
    // Two at once: each is told its own.
    expect(
      await Promise.all([found(example.get('/me', 'x')), found(example.get('/me', token))]),
    ).to.deep.equal([
      [422, 'headers', 'ERR_JWT_INVALID'],
      [200, 'headers', null],
    ]);
  });

  it('tells the claims of the token, and never the token', async () => {
    const jar = await logIn();
    const answer = await cookies('GET', '/demonstration/token', jar);
    expect(answer.headers.get('cache-control')).to.equal('no-store');
    const text = await answer.text();
    const signature = jar['access_token_cookie']?.split('.')[2] ?? '';
    expect(signature).to.have.length(43);
    expect(text).to.not.include(signature).and.not.match(/eyJ/);
    const { header, claims, now } = JSON.parse(text) as Seen;
    expect(header).to.deep.equal({ alg: 'HS256', typ: 'JWT' });
    expect(claims)
      .to.include({ type: 'access' })
      .and.to.have.keys(Object.keys(claimsIn(jar)));
    expect(Math.abs(now - Date.now() / 1000)).to.be.lessThan(60);
    expect((await example.get('/demonstration/token')).status).to.equal(401);
  });

  it('makes time pass for the cookie of its caller: no token lives or is fresh for longer', async () => {
    const jar = await logIn();
    const { sid, exp, fresh } = claimsIn(jar);
    const now = Date.now() / 1000;
    await take(cookies('POST', '/demonstration/aging', jar), jar);
    const aged = claimsIn(jar);
    expect([aged['sid'], aged['exp']]).to.deep.equal([sid, exp]);
    expect(Number(aged['fresh']))
      .to.be.greaterThan(now)
      .and.lessThan(now + 4)
      .and.lessThan(Number(fresh));
    await take(cookies('POST', '/demonstration/aging', jar), jar);
    expect(claimsIn(jar)['fresh']).to.equal(aged['fresh']);

    await take(cookies('POST', '/demonstration/expiring', jar), jar);
    const ending = claimsIn(jar);
    expect(ending).to.include({ sid, fresh: false });
    expect(Number(ending['exp']))
      .to.be.greaterThan(now)
      .and.lessThan(now + 4);
    // Who is not fresh does not get fresh, and who ends soon gets nothing that lives longer.
    expect((await cookies('POST', '/demonstration/aging', jar)).status).to.equal(401);
    const phone = (await (await cookies('POST', '/demonstration/phone', jar)).json()) as Record<
      string,
      string
    >;
    for (const token of Object.values(phone)) expect(claimsOf(token)['exp']).to.equal(ending['exp']);
  });

  it('gives the page a second session of the same user, short and not fresh', async () => {
    const jar = await logIn();
    const answer = await cookies('POST', '/demonstration/phone', jar);
    const phone = (await answer.json()) as { access_token: string; refresh_token: string };
    expect(answer.headers.get('cache-control')).to.equal('no-store');
    const mine = claimsIn(jar);
    for (const token of Object.values(phone)) {
      const { sub, sid, exp, fresh } = claimsOf(token);
      expect([sub, fresh]).to.deep.equal([mine['sub'], false]);
      expect(sid).to.not.equal(mine['sid']);
      expect(Number(exp) - Date.now() / 1000)
        .to.be.greaterThan(100)
        .and.at.most(120);
    }
    const refreshed = (await (
      await example.post('/refresh', {}, phone.refresh_token)
    ).json()) as typeof phone;
    expect(Number(claimsOf(refreshed.access_token)['exp'])).to.be.at.most(
      Number(claimsOf(phone.refresh_token)['exp']),
    );
    const changed = await example.post('/password', { password: alice.password }, phone.access_token);
    expect(changed.status).to.equal(401);
  });

  it('exchanges nothing for a token without its cookie and CSRF value', async () => {
    const { access_token: token } = await example.tokensOf(alice);
    const { access_token_cookie: cookie } = await logIn();
    for (const route of ['/demonstration/phone', '/demonstration/aging', '/demonstration/expiring']) {
      expect((await example.post(route, {}, token)).status, route).to.equal(401);
      const alone = await cookies('POST', route, { access_token_cookie: String(cookie) });
      expect([alone.status, await alone.json()], route).to.deep.equal([401, { msg: 'Missing CSRF token' }]);
    }
  });

  it('serves pages of the documentation as text, and nothing else of the package', async () => {
    const page = await example.get('/docs/answers.md');
    expect([page.status, page.headers.get('content-type')]).to.deep.equal([200, 'text/plain; charset=utf-8']);
    expect(await page.text()).to.match(/^# Answers\n/);
    for (const route of [
      '/docs/../package.json',
      '/docs/%2e%2e/package.json',
      '/docs/',
      '/docs/nothing.md',
    ]) {
      expect((await example.get(route)).status, route).to.equal(404);
    }
  });

  it('is absent in production', async () => {
    const production = await Example.start({ NODE_ENV: 'production' });
    for (const route of ['/demonstration/routes', '/docs/answers.md']) {
      expect((await production.get(route)).status).to.equal(404);
    }
    const { headers } = await production.get('/me');
    expect([...headers.keys()].filter((name) => name.startsWith('x-jwt'))).to.deep.equal([]);
  });

  type Jar = Record<string, string>;

  function logIn(): Promise<Jar> {
    return take(example.post('/session', alice), {});
  }

  /** Keeps the cookies of an answer, as a browser does. */
  async function take(answer: Promise<Response>, jar: Jar): Promise<Jar> {
    const { status, headers } = await answer;
    expect(status).to.equal(204);
    for (const line of headers.getSetCookie()) {
      const [, name = '', value = ''] = /^(\w+)=([^;]*)/.exec(line) ?? [];
      jar[name] = value;
    }
    return jar;
  }

  function cookies(method: string, route: string, jar: Jar): Promise<Response> {
    const { csrf_access_token: csrf } = jar;
    const cookie = Object.entries(jar).map((pair) => pair.join('='));
    const headers = { cookie: cookie.join('; '), ...(csrf !== undefined && { 'x-csrf-token': csrf }) };
    return fetch(example.url + route, { method, headers });
  }
});

function claimsIn(jar: Readonly<Record<string, string>>): Seen['claims'] {
  return claimsOf(String(jar['access_token_cookie']));
}

function claimsOf(token: string): Seen['claims'] {
  return JSON.parse(Buffer.from(String(token.split('.')[1]), 'base64url').toString()) as Seen['claims'];
}
