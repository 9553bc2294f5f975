import { expect } from 'chai';
import jwt, { type SignOptions } from 'jsonwebtoken';
import Koa from 'koa';
import koaJwt from 'koa-jwt';
import { Get, JsonController } from 'routing-controllers';
import { Service } from 'typedi';
import {
  InvalidTokenLoader,
  JwtConfigurationError,
  JwtIdentity,
  JwtManager,
  JwtOptional,
  JwtRequired,
  MemoryRevocationStore,
  type JwtOptions,
  type RefusedEvent,
} from '../../src/index';
import { DocPage, type PageServer } from '../support/DocPage';
import { bearer, serve, Server, type Answer } from '../support/Server';

const OLD = 'an old secret of the specs, which is long enough even for HS512, as it should be';
const env = { OLD_SECRET: OLD, JWT_SECRET_KEY: `a new secret: ${OLD}` };

/** Tokens as applications make them, and what the manager needs to accept them. */
const TOKENS: Readonly<Record<string, readonly [object, SignOptions, JwtOptions]>> = {
  'an id': [{ id: '7' }, { expiresIn: '30d' }, { identityClaim: 'id' }],
  'a number': [{ id: 7, role: 'admin' }, { expiresIn: '30d' }, { identityClaim: 'id', verifySub: false }],
  'a userId': [{ userId: '7' }, { expiresIn: '30d' }, { identityClaim: 'userId' }],
  'a subject': [{}, { subject: '7', expiresIn: '1h' }, {}],
  'no end': [{}, { subject: '7' }, {}],
  'an audience': [
    {},
    { subject: '7', audience: 'https://shop.test' },
    { decodeAudience: 'https://shop.test' },
  ],
  'an audience that nobody checks': [
    {},
    { subject: '7', audience: 'https://shop.test' },
    { decodeAudience: false },
  ],
  'an issuer': [{}, { subject: '7', issuer: 'shop' }, { decodeIssuer: 'shop' }],
  'no iat': [{}, { subject: '7', noTimestamp: true }, {}],
  'a jwtid': [{}, { subject: '7', jwtid: '1' }, { revocationStore: new MemoryRevocationStore() }],
};

@Service()
@InvalidTokenLoader()
class Always401 {
  load({ reason }: RefusedEvent): object {
    return { status: 401, body: { msg: reason } };
  }
}

@Service()
@JsonController()
class MeController {
  @Get('/me')
  @JwtRequired()
  me(@JwtIdentity() id: unknown): object {
    return { id };
  }

  @Get('/maybe')
  @JwtOptional()
  maybe(): object {
    return { passed: true };
  }
}

describe('docs/coming-from-koa-jwt.md', function () {
  this.timeout(30_000);
  const opened: { close(): Promise<void> }[] = [];
  const started: PageServer[] = [];
  const page = new DocPage('coming-from-koa-jwt');

  afterEach(async () => {
    for (const server of opened.splice(0)) await server.close();
    for (const server of started.splice(0)) await server.stop();
  });

  /** The old server: koa-jwt alone. */
  async function before(options: Partial<koaJwt.Options> = {}): Promise<Server> {
    const app = new Koa();
    app.silent = true;
    app.use(koaJwt({ secret: OLD, ...options }));
    app.use((ctx) => {
      ctx.body = { passed: true };
    });
    const server = await Server.of(app);
    opened.push(server);
    return server;
  }

  async function after(options: JwtOptions): Promise<Server> {
    const manager = new JwtManager({ secretKey: OLD, loaders: [], ...options });
    const server = await serve(manager, { controllers: [MeController], development: false });
    opened.push(server);
    return server;
  }

  async function start(name: string, more: Readonly<Record<string, string>> = {}): Promise<PageServer> {
    const server = await page.serve(name, { ...env, ...more });
    started.push(server);
    return server;
  }

  const me = async (
    { url }: PageServer,
    token: string,
    path = '/me',
    method = 'GET',
  ): Promise<[number, string]> => {
    const answer = await fetch(url + path, { method, headers: { authorization: `Bearer ${token}` } });
    return [answer.status, await answer.text()];
  };

  describe('Accept the old tokens for a while', () => {
    for (const [name, [claims, options, needed]] of Object.entries(TOKENS)) {
      it(`takes a token of jsonwebtoken with ${name}, as koa-jwt does`, async () => {
        const token = jwt.sign(claims, OLD, options);
        expect((await (await before()).get('/me', token)).status).to.equal(200);
        const answer = await (await after({ defaultTokenType: 'access', ...needed })).get('/me', token);
        expect(answer.status, answer.text).to.equal(200);
        expect(String((answer.json as { id: unknown }).id)).to.equal('7');
      });
    }

    // The rows of the table, and the token that each is about.
    const without: readonly (readonly [string, object, SignOptions, JwtOptions])[] = [
      ['Missing claim: type', {}, { subject: '7' }, {}],
      ['Missing claim: sub', { id: '7' }, {}, {}],
      ['Claim id must be a string', { id: 7 }, {}, { identityClaim: 'id' }],
      ['Invalid audience', {}, { subject: '7', audience: 'a' }, {}],
      [
        'Missing claim: jti',
        {},
        { subject: '7' },
        { defaultTokenType: 'access', revocationStore: new MemoryRevocationStore() },
      ],
      ['The specified alg value is not allowed', {}, { subject: '7', algorithm: 'HS512' }, {}],
    ];
    for (const [msg, claims, options, given] of without) {
      it(`refuses it otherwise: ${msg}`, async () => {
        expect(page.text).to.include(`422 \`${msg}\``);
        const token = jwt.sign(claims, OLD, options);
        expect((await (await before()).get('/me', token)).status).to.equal(200);
        const answer = await (await after(given)).get('/me', token);
        expect([answer.status, answer.json]).to.deep.equal([422, { msg }]);
      });
    }

    it('takes an old token with another algorithm from its entry of keys', async () => {
      const token = jwt.sign({}, OLD, { subject: '7', algorithm: 'HS512' });
      const keys = [
        { kid: 'new', secretKey: env.JWT_SECRET_KEY },
        { secretKey: OLD, algorithm: 'HS512' as const },
      ];
      const manager = new JwtManager({ loaders: [], keys, defaultTokenType: 'access' });
      const server = await serve(manager, { controllers: [MeController], development: false });
      opened.push(server);
      expect((await server.get('/me', token)).json).to.deep.equal({ id: '7' });
    });

    it('runs old and new side by side', async () => {
      const [old, renewed] = [await start('before'), await start('after')];
      const login = async ({ url }: PageServer): Promise<string> =>
        ((await (await fetch(`${url}/login`, { method: 'POST' })).json()) as { token: string }).token;
      const token = await login(old);
      expect(await me(old, token)).to.deep.equal([200, '{"id":7}']);
      expect(await me(renewed, token)).to.deep.equal([200, '{"id":7}']);
      const next = await login(renewed);
      expect(await me(renewed, next)).to.deep.equal([200, '{"id":7}']);
      expect((await me(old, next))[0]).to.equal(401);
      // The new secret takes no old-fashioned token, the old one none with a name.
      const misplaced = [
        jwt.sign({ id: 7 }, env.JWT_SECRET_KEY),
        jwt.sign({ id: 7 }, OLD, { keyid: 'new' }),
        jwt.sign({ id: 7 }, env.JWT_SECRET_KEY, { keyid: 'old' }),
      ];
      for (const each of misplaced) {
        expect(await me(renewed, each)).to.deep.equal([422, '{"msg":"Signature verification failed"}']);
      }
    });
  });

  describe('Exchange the old tokens', () => {
    const SHORT = 'q8Zr2!';

    it('gives a pair for one of jsonwebtoken, also with a short secret', async () => {
      for (const secret of [OLD, SHORT]) {
        const server = await start('exchange', { OLD_SECRET: secret });
        const token = jwt.sign({ id: 7 }, secret, { expiresIn: '30d' });
        expect((await me(server, token))[0]).to.equal(422);
        const [status, text] = await me(server, token, '/session/exchange', 'POST');
        expect(status, text).to.equal(200);
        const { accessToken } = JSON.parse(text) as { accessToken: string };
        expect(await me(server, accessToken)).to.deep.equal([200, '{"id":"7"}']);
        // Neither a forged one, nor one of its own.
        for (const bad of [jwt.sign({ id: 7 }, 'guess'), accessToken])
          expect((await me(server, bad, '/session/exchange', 'POST'))[0]).to.equal(401);
      }
    });

    it('ends on a day', async () => {
      const server = await start('exchange', { LAST_DAY: '2020-01-01' });
      const [status, text] = await me(server, jwt.sign({ id: 7 }, OLD), '/session/exchange', 'POST');
      expect(status, text).to.equal(401);
    });

    it('is needed because a short secret is refused', () => {
      const attempts: JwtOptions[] = [
        { secretKey: SHORT },
        { keys: [{ kid: 'new', secretKey: OLD }, { secretKey: SHORT }] },
      ];
      for (const options of attempts)
        expect(() => new JwtManager({ loaders: [], ...options })).to.throw(JwtConfigurationError, '32');
    });
  });

  describe('401 instead of 422', () => {
    const rows = [...page.text.matchAll(/^\| (.+?) +\| (.+?) +\| (.+?) +\|$/gm)].map(([, ...cells]) => cells);
    const row = (what: string): string[] => rows.find(([first]) => first === what) ?? [];

    /** Status and message, as the page writes them; the rest of a long message is left out there. */
    const expectTold = (answer: Answer, cell = ''): void => {
      const [, status, message = ''] = /^(\d+)(?: `(.+?)…?`)?/.exec(cell) ?? [];
      expect(answer.status).to.equal(Number(status));
      expect(answer.text).to.include(message);
    };

    const sent: Readonly<Record<string, () => string | undefined>> = {
      'no token': () => undefined,
      'another scheme': () => 'Basic YWxpY2U6',
      'a forged or malformed token': () => `Bearer ${jwt.sign({}, 'guess', { subject: '7' })}`,
      'an expired token': () =>
        `Bearer ${jwt.sign({ type: 'access' }, OLD, { subject: '7', expiresIn: -1 })}`,
    };
    for (const [what, make] of Object.entries(sent)) {
      it(`compares the answers to ${what}`, async () => {
        const [, theirs, ours] = row(what);
        const authorization = make();
        const headers = authorization === undefined ? {} : { authorization };
        const old = await (await before()).send('/me', { headers });
        const renewed = await (await after({})).send('/me', { headers });
        expectTold(old, theirs);
        expectTold(renewed, ours);
        expect(old.headers['www-authenticate']).to.equal(undefined);
        expect(renewed.headers['www-authenticate']).to.match(/^Bearer/);
      });
    }

    it('compares the answers to a revoked token', async () => {
      const [, theirs, ours] = row('a revoked token');
      const revocationStore = new MemoryRevocationStore();
      const manager = new JwtManager({ secretKey: OLD, loaders: [], revocationStore });
      const { accessToken } = await manager.createTokenPair('7');
      await manager.revokeAll('7');
      const isRevoked = (): Promise<boolean> => Promise.resolve(true);
      expectTold(await (await before({ isRevoked })).get('/me', accessToken), theirs);
      expectTold(await (await after({ revocationStore })).get('/me', accessToken), ours);
    });

    it('compares passthrough and @JwtOptional()', async () => {
      expect(row('a bad token with `passthrough`')[1]).to.include('passes');
      const bad = jwt.sign({}, 'guess', { subject: '7' });
      const old = await before({ passthrough: true });
      const renewed = await after({});
      expect((await old.get('/maybe', bad)).json).to.deep.equal({ passed: true });
      expect((await renewed.get('/maybe', bad)).status).to.equal(422);
      expect((await old.get('/maybe')).json).to.deep.equal({ passed: true });
      expect((await renewed.get('/maybe')).json).to.deep.equal({ passed: true });
    });

    it('answers 401 with a loader, and keeps the challenge', async () => {
      const server = await after({ loaders: [Always401] });
      const bad = jwt.sign({}, 'guess', { subject: '7' });
      const answer = await server.send('/me', { headers: bearer(bad) });
      expect([answer.status, answer.json]).to.deep.equal([401, { msg: 'Signature verification failed' }]);
      expect(answer.headers['www-authenticate']).to.include('error="invalid_token"');
    });
  });
});
