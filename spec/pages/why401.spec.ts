import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import jwt from 'jsonwebtoken';
import type { Context } from 'koa';
import { Ctx, Get, JsonController, Post } from 'routing-controllers';
import { Container, Service } from 'typedi';
import {
  FreshJwtRequired,
  JwtConfig,
  JwtError,
  JwtManager,
  JwtRequired,
  MemoryRevocationStore,
  RefreshJwtRequired,
  UserLoader,
  type JwtOptions,
} from '../../src/index';
import { findChromium } from '../browser/findChromium';
import { startBrowser } from '../browser/startBrowser';
import { CookieJar } from '../support/CookieJar';
import { DocPage } from '../support/DocPage';
import { claimsOf, forge, now, segment, type Claims } from '../support/forge';
import { expiredToken } from '../support/expiredToken';
import { run } from '../support/Program';
import { rejection } from '../support/rejection';
import { ROOT } from '../support/root';
import { SECRET } from '../support/secret';
import { bearer, provide, serve, type Answer, type Sent, type Server } from '../support/Server';

@Service()
@JsonController()
class WhyController {
  @Get('/protected')
  @JwtRequired()
  read(): object {
    return {};
  }

  @Post('/protected')
  @JwtRequired()
  write(): object {
    return {};
  }

  @Get('/fresh')
  @FreshJwtRequired()
  fresh(): object {
    return {};
  }

  @Post('/session/refresh')
  @RefreshJwtRequired()
  refresh(@Ctx() ctx: Context): Promise<object> {
    return Container.get(JwtManager).rotate(ctx);
  }

  @Get('/reset')
  @JwtRequired({ purpose: 'password-reset' })
  reset(): object {
    return {};
  }

  @Get('/reset-once')
  @JwtRequired({ purpose: 'password-reset', singleUse: true })
  resetOnce(): object {
    return {};
  }
}

@Service()
@UserLoader()
class NobodyIsFound {
  load(): undefined {
    return undefined;
  }
}

const COOKIES: JwtOptions = { tokenLocation: ['cookies'] };
const BOTH: JwtOptions = { tokenLocation: ['headers', 'cookies'] };
const WITH_STORE = (): JwtOptions => ({ revocationStore: new MemoryRevocationStore() });

function managerOf(options: JwtOptions = {}): JwtManager {
  return new JwtManager({ secretKey: SECRET, loaders: [], ...options });
}

const opened: Server[] = [];

async function serverOf(manager: JwtManager): Promise<Server> {
  const server = await serve(manager, { controllers: [WhyController], development: false });
  opened.push(server);
  return server;
}

/** The answer of a server with this manager. */
async function ask(manager = managerOf(), sent: Sent = {}, route = '/protected'): Promise<Answer> {
  // A test may have several managers, and the controller must get this one.
  const server = await serverOf(manager);
  provide(manager);
  return server.send(route, sent);
}

const withToken = (options: JwtOptions, token: string, route?: string): Promise<Answer> =>
  ask(managerOf(options), { headers: bearer(token) }, route);
const header = (authorization: string): Promise<Answer> => ask(managerOf(), { headers: { authorization } });
const forged = (claims: Claims, options: JwtOptions = {}): Promise<Answer> =>
  withToken(options, forge({ claims: claimsOf(claims) }));
const forgedHeader = (changes: Claims): Promise<Answer> =>
  withToken({}, forge({ header: { alg: 'HS256', typ: 'JWT', ...changes } }));
const honest = (manager = managerOf()): Promise<string> => manager.createAccessToken('alice');

/** The answer to a POST with an access cookie. */
async function withCookie(
  headers: (csrf: string) => http.OutgoingHttpHeaders,
  options = COOKIES,
  rest: Sent = {},
): Promise<Answer> {
  const manager = managerOf(options);
  const token = await honest(manager);
  const csrf = await manager.getCsrfToken(token);
  return ask(manager, {
    method: 'POST',
    ...rest,
    headers: { cookie: `access_token_cookie=${token}`, ...headers(csrf) },
  });
}

/** What a method of the manager says, as an answer. */
async function thrown(attempt: Promise<unknown>): Promise<Pick<Answer, 'status' | 'json'>> {
  const error = await rejection(attempt);
  expect(error).to.be.instanceOf(JwtError);
  return { status: error.status, json: error.toJSON() };
}

const upgrade = async (origin?: string): Promise<Pick<Answer, 'status' | 'json'>> => {
  const manager = managerOf(COOKIES);
  const headers = {
    host: 'api.example.com',
    cookie: `access_token_cookie=${await honest(manager)}`,
    ...(origin !== undefined && { origin }),
  };
  const request = { method: 'GET', url: '/', headers, rawHeaders: [], socket: {} };
  return thrown(manager.verifyUpgrade(request as unknown as http.IncomingMessage));
};

/** What curl, which keeps cookies, gets from a page's server under another name than localhost. */
async function fromCurl(host: string): Promise<Pick<Answer, 'status' | 'json'>> {
  const server = await new DocPage('website-with-cookies').serve('website');
  try {
    const jar = path.join(mkdtempSync(path.join(tmpdir(), 'jar-')), 'cookies');
    const base = `http://${host}:${server.port}`;
    const curl = ['-s', '-b', jar, '-c', jar, '--resolve', `${host}:${server.port}:127.0.0.1`];
    const credentials = JSON.stringify({ name: 'alice', password: 'wonderland' });
    const type = 'Content-Type: application/json';
    await run('curl', [...curl, `${base}/session`, '-H', type, '-d', credentials], { cwd: ROOT });
    const text = await run('curl', [...curl, '-w', '\n%{http_code}', `${base}/posts`], { cwd: ROOT });
    const [body = '', status] = text.split('\n');
    return { status: Number(status), json: JSON.parse(body) as unknown };
  } finally {
    await server.stop();
  }
}

/** What a script on one host gets from an API on another, to which it has logged in. */
async function fromBrowser(
  host: string,
  credentials: 'include' | 'same-origin',
): Promise<Pick<Answer, 'status' | 'json'>> {
  const pages = http.createServer((_request, response) => {
    response.setHeader('Content-Type', 'text/html');
    response.end('<!doctype html><title>Page</title>');
  });
  const port = await new Promise<number>((resolve) => {
    pages.listen(0, '127.0.0.1', () => {
      resolve((pages.address() as { port: number }).port);
    });
  });
  const browser = await startBrowser();
  const origin = `http://${host}:${port}`;
  const api = await new DocPage('front-end-on-another-origin').serve('api', { FRONT_END: origin });
  try {
    const page = await browser.newPage();
    await page.goto(origin);
    return await page.evaluate(
      async ([url, credentials]) => {
        await fetch(`${url}/session`, {
          method: 'POST',
          credentials: 'include',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ name: 'alice', password: 'wonderland' }),
        });
        const answer = await fetch(`${url}/me`, { credentials });
        return { status: answer.status, json: await answer.json() };
      },
      [`http://localhost:${api.port}`, credentials] as const,
    );
  } finally {
    await browser.close();
    await api.stop();
    pages.close();
  }
}

type Symptom = () => Promise<Pick<Answer, 'status' | 'json'>>;

/** Each cause on the page, made to happen. */
const SYMPTOMS: Readonly<Record<string, Symptom>> = {
  'the request has no `Authorization` header': () => ask(managerOf()),
  'a redirect has led to another host, port or scheme: clients drop the header there': async () => {
    const manager = managerOf();
    const { port } = await serverOf(manager);
    const old = http.createServer((_request, response) => {
      response.writeHead(302, { location: `http://127.0.0.1:${port}/protected` }).end();
    });
    await new Promise<void>((resolve) => old.listen(0, '127.0.0.1', resolve));
    const from = `http://127.0.0.1:${(old.address() as { port: number }).port}`;
    const answer = await fetch(from, { headers: { authorization: `Bearer ${await honest(manager)}` } });
    old.close();
    return { status: answer.status, json: await answer.json() };
  },
  'the token is in a cookie, and `tokenLocation` is `headers` alone': async () =>
    ask(managerOf(), { headers: { cookie: `access_token_cookie=${await honest()}` } }),
  'the token comes without the word `Bearer`': async () => header(await honest()),
  'another word before it, such as `JWT` or `Token`': async () => header(`JWT ${await honest()}`),
  'the header comes twice, such as from the client and from a proxy': async () => {
    const value = `Bearer ${await honest()}`;
    return ask(managerOf(), {
      headers: ['Host', 'localhost', 'Authorization', value, 'authorization', value],
    });
  },
  '`Bearer` and nothing: the variable of the client is empty': () => header('Bearer '),
  'more than one word after `Bearer`, such as `Bearer Bearer …`': async () =>
    header(`Bearer Bearer ${await honest()}`),
  'the browser has no such cookie: nobody is logged in': () => ask(managerOf(COOKIES)),
  'the cookie is `Secure`, and the page came over http, not from localhost: it was never stored': () =>
    fromCurl('shop.test'),
  "a script on another origin has not said `credentials: 'include'`": () =>
    fromBrowser('app.localhost', 'same-origin'),
  'the page is on another site: `SameSite=Lax` keeps the cookie back. `localhost` and `127.0.0.1` are two sites':
    () => fromBrowser('127.0.0.1', 'include'),
  'the token is in a header, and the route looks in cookies only': async () =>
    withToken(COOKIES, await honest()),
  'the path of the refresh route does not begin with `refreshCookiePath`': async () => {
    const manager = managerOf({ ...COOKIES, refreshCookiePath: '/auth' });
    const server = await serve(manager, { controllers: [WhyController] }, (app) => {
      app.use(async (ctx) => {
        if (ctx.path !== '/auth') return;
        await manager.setRefreshCookies(ctx, await manager.createRefreshToken('alice'));
        ctx.body = {};
      });
    });
    opened.push(server);
    const jar = new CookieJar(`http://127.0.0.1:${server.port}`);
    await jar.send('/auth');
    const headers = { 'x-csrf-token': jar.get('csrf_refresh_token') };
    const answer = await jar.send('/session/refresh', { method: 'POST', headers });
    return { status: answer.status, json: await answer.json() };
  },
  'two cookies with that name, since a path or `cookieDomain` has changed': async () =>
    ask(managerOf(COOKIES), {
      headers: { cookie: `access_token_cookie=${await honest()}; access_token_cookie=${await honest()}` },
    }),
  'none of several places has a token; the brackets hold the reason of each': () => ask(managerOf(BOTH)),
  '`?jwt=` is missing or empty': () =>
    ask(managerOf({ tokenLocation: ['query_string'] }), {}, '/protected?jwt='),
  'the option `queryStringValuePrefix` wants a prefix': async () =>
    ask(
      managerOf({ tokenLocation: ['query_string'], queryStringValuePrefix: 'Bearer ' }),
      {},
      `/protected?jwt=${await honest()}`,
    ),
  'the parameter is there twice': () =>
    ask(managerOf({ tokenLocation: ['query_string'] }), {}, '/protected?jwt=a&jwt=b'),
  'the token should be in a JSON body, and the request has none': () =>
    ask(managerOf({ tokenLocation: ['json'] }), { method: 'POST' }),
  'the body has no such member, or is no JSON': () =>
    ask(managerOf({ tokenLocation: ['json'] }), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{}',
    }),

  'the header `X-CSRF-TOKEN` is missing': () => withCookie(() => ({})),
  'axios sends `X-XSRF-TOKEN`, its own default': () => withCookie((csrf) => ({ 'X-XSRF-TOKEN': csrf })),
  'the value is in a field of a form': () => {
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    return withCookie(() => form, COOKIES, { body: `csrf_token=${randomUUID()}` });
  },
  'the value of the other cookie': async () => {
    const manager = managerOf(COOKIES);
    const csrf = await manager.getCsrfToken(await manager.createRefreshToken('alice'));
    return withCookie(() => ({ 'X-CSRF-TOKEN': csrf }));
  },
  'a value from before the last log-in, in a page that is still open': async () => {
    const manager = managerOf(COOKIES);
    const csrf = await manager.getCsrfToken(await honest(manager));
    return withCookie(() => ({ 'X-CSRF-TOKEN': csrf }));
  },
  'the token was made without one: with `cookieCsrfProtect: false`, or by another program': async () => {
    const token = await honest(managerOf({ cookieCsrfProtect: false }));
    const headers = { cookie: `access_token_cookie=${token}`, 'X-CSRF-TOKEN': randomUUID() };
    return ask(managerOf(COOKIES), { method: 'POST', headers });
  },
  '`verifyUpgrade` with a cookie, and the client is no browser': () => upgrade(),
  '`verifyUpgrade` with a cookie, from a page on another origin': () => upgrade('https://evil.example'),

  'it is no JWT, such as `undefined`, `[object` or a session id': () => header('Bearer undefined'),
  'it is in quotes, or was changed on the way': async () =>
    header(`Bearer ${JSON.stringify(await honest())}`),
  'the last characters are cut off or wrong': async () => header(`Bearer ${(await honest()).slice(0, -2)}`),
  'the third part is empty: `alg: none`, or cut off': () =>
    header(`Bearer ${jwt.sign({ sub: 'alice' }, '', { algorithm: 'none' })}`),
  'it has more than 16 KiB; in a header, Node itself answers 431': async () => {
    const token = forge({ claims: claimsOf({ text: 'long'.repeat(4000) }) });
    expect((await header(`Bearer ${token}`)).status).to.equal(431);
    return ask(managerOf({ tokenLocation: ['json'] }), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ access_token: token }),
    });
  },
  'the first part is not base64url of JSON': () => header('Bearer abcd.abcd.abcd'),
  '`getUnverifiedHeader`, and the header names no algorithm': () =>
    thrown(Promise.resolve().then(() => managerOf().getUnverifiedHeader(forge({ header: {} })))),
  "`jwt.sign('alice', …)` signs a text": () => header(`Bearer ${jwt.sign('alice', SECRET)}`),
  "`verifyToken('')`, or with something that is no text": () => thrown(managerOf().verifyToken('')),

  'each process, or each start, makes a secret of its own: `randomBytes` without `JWT_SECRET_KEY`':
    async () =>
      withToken({ secretKey: randomBytes(32) }, await honest(managerOf({ secretKey: randomBytes(32) }))),
  'a line end or space is part of the secret in one place: `echo secret > file`': async () => {
    const fromEnv = managerOf(JwtConfig.fromEnv({ JWT_SECRET_KEY: `${SECRET}\n` }));
    return withToken({}, await honest(fromEnv));
  },
  'the secret is base64 text in one place and its bytes in the other': async () => {
    const bytes = randomBytes(64);
    return withToken({ secretKey: bytes }, await honest(managerOf({ secretKey: bytes.toString('base64') })));
  },
  'two managers with different keys: one made it, the other guards': async () =>
    withToken({}, await honest(managerOf({ secretKey: randomBytes(32) }))),
  'the key has changed, or the `kid` is unknown': async () => {
    const [before, after] = ['old', 'new'].map(
      (kid) => new JwtManager({ loaders: [], keys: [{ kid, secretKey: randomBytes(32) }] }),
    );
    return ask(after, { headers: bearer(await honest(before)) });
  },
  'somebody has changed the token': async () => {
    const [first, , third] = (await honest()).split('.');
    return header(`Bearer ${String(first)}.${segment(claimsOf({ sub: 'admin' }))}.${String(third)}`);
  },
  'it was signed with another algorithm than the option `algorithm`': () =>
    header(`Bearer ${jwt.sign({ sub: 'alice', type: 'access' }, SECRET, { algorithm: 'HS512' })}`),

  'made with jsonwebtoken or the like, with the same secret': () =>
    header(`Bearer ${jwt.sign({}, SECRET, { subject: 'alice', expiresIn: '1h' })}`),
  'its `type` means something else': () => forged({ type: 'user' }),
  'the identity is in another claim, such as `id`': () => forged({ sub: undefined, id: '7' }),
  '`sub` is a number': () => forged({ sub: 7 }),
  "`sub` is `''`": () => forged({ sub: '' }),
  "`identityClaim: 'id'`, and it is a number": () => forged({ id: 7 }, { identityClaim: 'id' }),
  "`identityClaim: 'id'`, and it is `''`": () => forged({ id: '' }, { identityClaim: 'id' }),
  'there is a revocation store or blocklist, which knows tokens by `jti`': () =>
    forged({ jti: undefined }, WITH_STORE()),
  '`jti` is a number, or is longer than 256 characters': () => forged({ jti: 7 }),
  'the token has an `aud`, and `decodeAudience` does not name it': () => forged({ aud: 'https://shop.test' }),
  '`decodeAudience` is set, and the token has no `aud`': () =>
    forged({}, { decodeAudience: 'https://shop.test' }),
  '`aud` is something else': () => forged({ aud: 7 }, { decodeAudience: 'https://shop.test' }),
  '`iss` is not in `decodeIssuer`': () =>
    forged({ iss: 'https://shop.test' }, { decodeIssuer: 'https://shop.test/' }),
  '`decodeIssuer` is set, and the token has no `iss`': () =>
    forged({}, { decodeIssuer: 'https://shop.test' }),
  '`iss` is something else': () => forged({ iss: 7 }),
  'the clock of the server that made it is more than 5 seconds ahead': () => forged({ iat: now() + 10 }),
  '`nbf` is in the future': () => forged({ nbf: now() + 10 }),
  'a time in milliseconds: `Date.now()`': () => forged({ exp: Date.now() + 900_000 }),
  'a token of another issuer, or for one purpose, that never ends': () =>
    forged({ type: 'purpose', purpose: 'password-reset', exp: undefined }),
  "`type: 'purpose'` without a `purpose`": () => forged({ type: 'purpose' }),
  '`typ` is something else': () => forgedHeader({ typ: 'JWS' }),
  '`kid` is a number': () => forgedHeader({ kid: 7 }),
  '`crit`, `b64`, `cty`, `zip` or `enc` is in the header': () => forgedHeader({ crit: ['exp'] }),

  'the refresh token was sent to another route than refresh': async () =>
    withToken({}, await managerOf().createRefreshToken('alice')),
  'the access token was sent to the refresh route': async () =>
    ask(managerOf(), { method: 'POST', headers: bearer(await honest()) }, '/session/refresh'),
  'a token of `createToken`, such as from a mail, is no log-in': async () =>
    withToken({}, await managerOf().createToken('password-reset', 'alice')),
  'a log-in, or a token for another purpose': async () => withToken({}, await honest(), '/reset'),
  '`rotate(ctx)` with a refresh token that has another `iss`': async () => {
    const sibling = managerOf({ encodeIssuer: 'https://sibling.test' });
    const token = await sibling.createRefreshToken('alice');
    const manager = managerOf({ encodeIssuer: 'https://shop.test', decodeIssuer: 'https://sibling.test' });
    return ask(manager, { method: 'POST', headers: bearer(token) }, '/session/refresh');
  },
  'an access token is older than 15 minutes': async () => withToken({}, await expiredToken(managerOf())),
  'the clock of this server is ahead': () => forged({ iat: now() - 900, nbf: now() - 900, exp: now() - 1 }),
  'the token was made by a refresh': async () => {
    const manager = managerOf(WITH_STORE());
    const { refreshToken } = await manager.createTokenPair('alice', { fresh: '10 minutes' });
    const sent = { method: 'POST', headers: bearer(refreshToken) };
    const { accessToken } = (await ask(manager, sent, '/session/refresh')).json as { accessToken: string };
    return ask(manager, { headers: bearer(accessToken) }, '/fresh');
  },
  'the log-in made it without `fresh`': async () => withToken({}, await honest(), '/fresh'),
  'somebody has logged out, here or everywhere': async () => {
    const manager = managerOf(WITH_STORE());
    const { accessToken } = await manager.createTokenPair('alice');
    await manager.revokeAll('alice');
    return ask(manager, { headers: bearer(accessToken) });
  },
  'a refresh token came a second time: its copy was used, and the session ended': async () => {
    const manager = managerOf({ ...WITH_STORE(), rotationGrace: 0 });
    const { refreshToken } = await manager.createTokenPair('alice');
    const sent = { method: 'POST', headers: bearer(refreshToken) };
    expect((await ask(manager, sent, '/session/refresh')).status).to.equal(200);
    return ask(manager, sent, '/session/refresh');
  },
  'the store has lost its data: a restart with `MemoryRevocationStore`, Redis flushed or without persistence':
    async () => {
      const { accessToken } = await managerOf(WITH_STORE()).createTokenPair('alice');
      return ask(managerOf(WITH_STORE()), { headers: bearer(accessToken) });
    },
  'a token for single use, a second time': async () => {
    const manager = managerOf(WITH_STORE());
    const sent = { headers: bearer(await manager.createToken('password-reset', 'alice')) };
    expect((await ask(manager, sent, '/reset-once')).status).to.equal(200);
    return ask(manager, sent, '/reset-once');
  },
  'the user loader has found nobody: deleted, or looked up by another column': async () =>
    withToken({ loaders: [NobodyIsFound] }, await honest()),
};

const NEED_A_BROWSER = /credentials: 'include'|on another site/;

describe('docs/why-401.md', function () {
  this.timeout(60_000);
  const { text } = new DocPage('why-401');
  const rows = [...text.matchAll(/^\| (4\d\d) +\| `(.+?)` +\| (.+?) +\| .+ \|$/gm)].map(
    ([, status, msg = '', cause = '']) => ({ status: Number(status), msg, cause }),
  );
  const messages = rows.map(({ msg }) => msg);

  after(async () => {
    for (const server of opened) await server.close();
  });

  it('has a symptom for each cause, and for no other', () => {
    expect(rows.map(({ cause }) => cause)).to.have.members(Object.keys(SYMPTOMS));
  });

  it('has no two ends for one cause', () => {
    expect(new Set(rows.map(({ cause }) => cause)).size).to.equal(rows.length);
  });

  for (const { status, msg, cause } of rows) {
    const needsBrowser = NEED_A_BROWSER.test(cause);
    if (needsBrowser && findChromium() === undefined && process.env['REQUIRE_BROWSER'] !== '1') continue;
    it(`${status} ${msg}: ${cause}`, async () => {
      const answer = await SYMPTOMS[cause]?.();
      expect(answer?.json).to.deep.equal({ msg });
      expect(answer?.status).to.equal(status);
    });
  }

  it('has every message of docs/answers.md with these statuses', () => {
    const answers = readFileSync(path.join(ROOT, 'docs/answers.md'), 'utf8');
    const listed = [...answers.matchAll(/^\|[^|]+\| (?:401|422) +\| ([^|]+) \|/gm)].flatMap(([, cell = '']) =>
      [...cell.matchAll(/`([^`]+)`/g)].map(([, message]) => String(message)),
    );
    expect(listed.length).to.be.greaterThan(20);
    for (const message of listed) expectToList(message.replace('…', '${reasons}'));
  });

  it('has every message of the source', () => {
    const errors = /(?:InvalidToken|WrongToken|NoAuthorization|InvalidHeader|Csrf)Error\(\s*(['`])(.+?)\1/g;
    const files = readdirSync(path.join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .map((file) => readFileSync(path.join(ROOT, 'src', file), 'utf8'));
    const found = files.flatMap((source) => [
      ...[...source.matchAll(errors)].map(([, , message]) => String(message)),
      ...[...source.matchAll(/absent: (['`])(.+?)\1/g)].map(([, , message]) => String(message)),
    ]);
    expect(found.length).to.be.greaterThan(50);
    for (const message of new Set(found)) expectToList(message);
  });

  it('can show what is in a token', async () => {
    const token = await honest();
    const command = new DocPage('why-401').block('sh', 'node -p');
    const shown = await run('bash', ['-c', `TOKEN=${token}\n${command}`], { cwd: ROOT });
    expect(shown).to.match(/^\{"alg":"HS256","typ":"JWT"\}\n\{.*"sub":"alice".*\}\n$/);
  });

  /** `${…}` is any text. */
  function expectToList(message: string): void {
    const parts = message.split(/\$\{[^}]*\}/).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
    const pattern = new RegExp(`^${parts.join('.+')}$`);
    expect(
      messages.some((msg) => pattern.test(msg)),
      message,
    ).to.equal(true);
  }
});
