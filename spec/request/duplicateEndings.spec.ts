import { expect } from 'chai';
import { parseSetCookie } from 'cookie';
import Koa from 'koa';
import { JwtConfig, jwtGuard, JwtManager, type JwtOptions } from '../../src/index';
import { duplicateEndings } from '../../src/request/duplicateEndings';
import type { Carrier } from '../../src/request/FoundToken';
import { SECRET } from '../support/secret';
import { provide, Server, type Answer } from '../support/Server';

/** As a browser keeps cookies: by name, domain, path, and whether they are for one host alone. */
class CookieJar {
  readonly #cookies = new Map<
    string,
    { readonly path: string; readonly domain: string; readonly pair: string }
  >();
  constructor(private readonly host: string) {}

  keep({ headers }: Pick<Answer, 'headers'>): void {
    for (const line of headers['set-cookie'] ?? []) this.set(line);
  }

  set(line: string): void {
    const { name, value = '', path = '/', maxAge, ...rest } = parseSetCookie(line);
    const domain = rest.domain?.replace(/^\./, '');
    const isOfHost = domain === undefined || this.host === domain || this.host.endsWith(`.${domain}`);
    if (!isOfHost) return;
    const id = JSON.stringify([name, domain ?? null, path]);
    if (maxAge === 0) this.#cookies.delete(id);
    else this.#cookies.set(id, { path, domain: domain ?? this.host, pair: `${name}=${value}` });
  }

  /** The one with the longer path comes first. */
  header(url: string): string {
    const fits = ({ path }: { path: string }): boolean =>
      url === path || url.startsWith(path.endsWith('/') ? path : `${path}/`);
    const sent = [...this.#cookies.values()].filter(fits);
    return sent
      .sort((one, other) => other.path.length - one.path.length)
      .map(({ pair }) => pair)
      .join('; ');
  }

  get size(): number {
    return this.#cookies.size;
  }
}

const HOST = 'app.shop.example.com';

describe('two different cookies of one name', () => {
  let server: Server;
  let manager: JwtManager;
  let jar: CookieJar;

  const start = async (options: JwtOptions = {}): Promise<void> => {
    manager = new JwtManager({ secretKey: SECRET, loaders: [], tokenLocation: ['cookies'], ...options });
    provide(manager);
    const app = new Koa();
    app.silent = true;
    app.use(async (ctx, next) => {
      if (ctx.path !== '/log-in') {
        await next();
        return;
      }
      await manager.setAccessCookies(ctx, await manager.createAccessToken('alice'));
      ctx.body = {};
    });
    app.use(jwtGuard());
    app.use((ctx) => {
      ctx.body = { identity: ctx.state.jwt?.identity };
    });
    server = await Server.of(app);
    jar = new CookieJar(HOST);
  };
  afterEach(() => server.close());

  const visit = async (path: string): Promise<Answer> => {
    const answer = await server.send(path, { headers: { cookie: jar.header(path), host: HOST } });
    jar.keep(answer);
    return answer;
  };

  for (const [title, options, old, page] of [
    ['another path', {}, 'Path=/posts', '/posts/1'],
    ['another path with a slash', {}, 'Path=/posts/', '/posts/1'],
    ['a deeper path', {}, 'Path=/a/b/c', '/a/b/c'],
    ['the path of the page', {}, 'Path=/posts/1', '/posts/1'],
    ['a path of today that was / before', { accessCookiePath: '/posts' }, 'Path=/', '/posts/1'],
    ['the domain of the site', {}, 'Path=/; Domain=example.com', '/posts/1'],
    ['a domain between', {}, 'Path=/; Domain=shop.example.com', '/posts/1'],
    ['the host with its subdomains', {}, `Path=/; Domain=${HOST}`, '/posts/1'],
    ['the host alone', { cookieDomain: 'example.com' }, 'Path=/', '/posts/1'],
    ['the host alone, and .domain', { cookieDomain: '.example.com' }, 'Path=/', '/posts/1'],
    ['another path and domain', { accessCookiePath: '/posts' }, 'Path=/; Domain=example.com', '/posts/1'],
  ] as const) {
    it(`are a 422 once, when one is of ${title}, and then the user logs in`, async () => {
      await start(options);
      await visit('/log-in');
      jar.set(`access_token_cookie=older; ${old}; Secure`);
      expect((await visit(page)).status).to.equal(422);
      const answer = await visit(page);
      expect([answer.status, answer.json]).to.deep.equal([
        401,
        { msg: 'Missing cookie "access_token_cookie"' },
      ]);
      expect(jar.size).to.equal(0);
      await visit('/log-in');
      expect((await visit(page)).json).to.deep.equal({ identity: 'alice' });
    });
  }

  it('end the refresh cookies on a refresh route', async () => {
    await start({ refreshCookiePath: '/session' });
    const headers = { cookie: 'refresh_token_cookie=a; refresh_token_cookie=b; access_token_cookie=c' };
    const app = new Koa();
    app.silent = true;
    app.use(jwtGuard({ refresh: true }));
    const refreshing = await Server.of(app);
    const { headers: answered } = await refreshing.send('/session/refresh', { headers });
    const names = (answered['set-cookie'] ?? []).map((line) => line.split('=', 1)[0]);
    expect(new Set(names)).to.deep.equal(new Set(['refresh_token_cookie', 'csrf_refresh_token']));
    await refreshing.close();
  });

  it('have an answer of few short lines, whatever the client sends', async () => {
    await start();
    const cookie = 'access_token_cookie=a; access_token_cookie=b';
    for (const [path, host] of [
      [`/${'a/'.repeat(5_000)}`, 'x.'.repeat(3_000) + 'com'],
      [`/${'a'.repeat(9_000)}`, 'a.'.repeat(20) + 'example.com'],
      ['/a;b/c', 'a;b.example.com'],
      ['/%0d%0aSet-Cookie:x/c', '-a.example.com'],
      ['//evil', '[::1]:3000'],
      ['/', '127.0.0.1'],
      ['/?a=/b', 'localhost:3000'],
    ] as const) {
      const answer = await server.send(path, { headers: { cookie, host } });
      expect(answer.status, path).to.equal(422);
      const lines = answer.headers['set-cookie'] ?? [];
      expect(lines).to.not.deep.equal([]);
      expect(lines.join('').length, path).to.be.below(3_800);
      for (const line of lines)
        expect(line).to.match(/^(access_token_cookie|csrf_access_token)=; Max-Age=0; /);
    }
  });
});

describe('duplicateEndings(ctx, config, type)', () => {
  interface Ended {
    readonly name: string;
    readonly path?: string;
    readonly domain?: string;
    readonly sameSite?: unknown;
    readonly maxAge?: number;
  }
  function endings(hostname: string, originalUrl: string, options: JwtOptions = {}): Ended[] {
    const ctx = { hostname, originalUrl } as Carrier;
    const config = new JwtConfig({ secretKey: SECRET, ...options });
    return duplicateEndings(ctx, config, 'access').map((line) => parseSetCookie(line) as Ended);
  }
  const pathsOf = (url: string): (string | undefined)[] =>
    endings('localhost', url, { csrfInCookies: false }).map(({ path }) => path);
  const domainsOf = (host: string, options: JwtOptions = {}): (string | undefined)[] =>
    endings(host, '/', { csrfInCookies: false, ...options }).map(({ domain }) => domain);

  for (const [url, ...paths] of [
    ['/'],
    ['/?a=/b'],
    ['/a', '/a'],
    ['/a/', '/a', '/a/'],
    ['/a/b', '/a', '/a/', '/a/b'],
    ['/a/b/c/d/e', '/a', '/a/', '/a/b', '/a/b/', '/a/b/c', '/a/b/c/'],
    ['/a/é/b', '/a', '/a/'],
    ['/é/a'],
    ['/a b/c'],
    [`/${'a'.repeat(62)}/b`, `/${'a'.repeat(62)}`, `/${'a'.repeat(62)}/`],
    [`/${'a'.repeat(70)}/b`, `/${'a'.repeat(63)}`],
    [''],
  ] as const) {
    it(`end those of the paths above ${url.slice(0, 20)}`, () => {
      // The configured one first, which is also the one above all.
      expect(new Set(pathsOf(url))).to.deep.equal(new Set(['/', ...paths]));
      expect(pathsOf(url)).to.have.length(new Set(pathsOf(url)).size);
    });
  }

  for (const [host, ...domains] of [
    ['localhost'],
    ['127.0.0.1'],
    ['[::1]'],
    ['a.test', 'a.test'],
    ['A.TEST', 'a.test'],
    ['b.a.test', 'a.test', 'b.a.test'],
    ['d.c.b.a.test', 'a.test', 'b.a.test', 'c.b.a.test'],
    ['-a.test'],
    ['a..test'],
    [`${'a'.repeat(59)}.test`, `${'a'.repeat(59)}.test`],
    [`${'a'.repeat(60)}.test`],
  ] as const) {
    it(`end those of the domains of ${host.slice(0, 20)}`, () => {
      expect(domainsOf(host)).to.deep.equal([undefined, ...domains]);
    });
  }

  it('end those of the configured domain, with or without a dot before it', () => {
    for (const cookieDomain of ['a.Example.com', '.A.example.com'])
      expect(domainsOf('localhost', { cookieDomain })).to.deep.equal([undefined, 'a.example.com']);
  });

  it('end the CSRF cookie too, unless there is none', () => {
    const names = (options: JwtOptions): string[] =>
      endings('localhost', '/', options).map(({ name }) => name);
    expect(names({})).to.deep.equal(['access_token_cookie', 'csrf_access_token']);
    for (const options of [{ csrfInCookies: false }, { cookieCsrfProtect: false }])
      expect(names(options)).to.deep.equal(['access_token_cookie']);
  });

  it('have the attributes that a browser needs to obey', () => {
    for (const [cookieSameSite, sameSite] of [
      ['Lax', undefined],
      ['Strict', undefined],
      ['None', 'none'],
    ] as const) {
      const [ending] = endings('localhost', '/', { cookieSameSite });
      expect(ending).to.include({ maxAge: 0, secure: true, value: '' });
      expect(ending?.sameSite).to.equal(sameSite);
    }
    expect(endings('localhost', '/', { cookieSecure: false })[0]).not.to.have.property('secure');
  });
});
