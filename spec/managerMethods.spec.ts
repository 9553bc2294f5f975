import 'reflect-metadata';
import { generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { IncomingMessage, type IncomingHttpHeaders } from 'node:http';
import { Socket } from 'node:net';
import path from 'node:path';
import { expect } from 'chai';
import Koa, { type Context } from 'koa';
import { Container, Service } from 'typedi';
import ts from 'typescript';
import {
  ClaimsVerificationLoader,
  jwtGuard,
  JwtManager,
  MemoryRevocationStore,
  UserLoader,
  type GuardOptions,
  type JwtOptions,
} from '../src/index';
import { expiredToken } from './support/expiredToken';
import { claimsOf, forge, hmac } from './support/forge';
import { ROOT } from './support/root';
import { rejection } from './support/rejection';
import { SECRET } from './support/secret';
import { bearer, provide, Server } from './support/Server';

const page = readFileSync(path.join(ROOT, 'docs/manager-methods.md'), 'utf8');

/** The rows of the tables whose first column is `method`, cell by cell. */
const rows = page
  .split('\n')
  .filter((line) => line.startsWith('| `'))
  .map((line) =>
    line
      .split(/(?<!\\)\|/)
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
const listed = rows.filter(([method = '']) => method.includes('('));
const thrown = rows.filter(([method = '']) => !method.includes('('));

function namesIn(text = ''): string[] {
  return [...text.matchAll(/`([^`]+)`/g)].map(([, name]) => String(name));
}

// --- What a request or a call needs to go wrong ---

const ISSUER = 'http://127.0.0.1:1/';

@Service()
@UserLoader()
class Nobody {
  load(): undefined {
    return undefined;
  }
}

@Service()
@ClaimsVerificationLoader()
class Never {
  load(): boolean {
    return false;
  }
}

function managerWith(options: JwtOptions = {}): JwtManager {
  const manager = new JwtManager({ secretKey: SECRET, loaders: [], ...options });
  provide(manager);
  return manager;
}

/** A manager whose store worked while its tokens were made, and fails now. */
function managerThatLosesItsStore(options: JwtOptions = {}): { manager: JwtManager; lose: () => void } {
  let isLost = false;
  const revocationStore = new Proxy(new MemoryRevocationStore(), {
    get(store, name) {
      const member: unknown = Reflect.get(store, name, store);
      if (typeof member !== 'function') return member;
      return (...args: unknown[]): unknown =>
        isLost ? Promise.reject(new Error('The store is down')) : Reflect.apply(member, store, args);
    },
  });
  return { manager: managerWith({ revocationStore, ...options }), lose: () => (isLost = true) };
}

const withStore = (options: JwtOptions = {}): JwtManager =>
  managerWith({ revocationStore: new MemoryRevocationStore(), ...options });

/** A manager that asks an issuer where nobody listens, and a token for which it must. */
function managerWithDeadIssuer(options: JwtOptions = {}): { manager: JwtManager; token: string } {
  const manager = managerWith({
    issuers: [{ issuer: ISSUER, audience: false, jwksUri: `${ISSUER}jwks` }],
    ...options,
  });
  const token = forge({
    header: { alg: 'RS256', typ: 'JWT', kid: 'one' },
    claims: claimsOf({ iss: ISSUER }),
    signer: hmac(),
  });
  return { manager, token };
}

/** Runs a call within a real request. Throws what it throws. */
async function within(
  headers: IncomingHttpHeaders,
  call: (ctx: Context) => unknown,
  guard?: GuardOptions,
  method = 'POST',
): Promise<void> {
  let error: unknown;
  let hasRun = false;
  const app = new Koa();
  app.silent = true;
  if (guard !== undefined) app.use(jwtGuard(guard));
  app.use(async (ctx) => {
    hasRun = true;
    ctx.body = {};
    try {
      await call(ctx);
    } catch (caught) {
      error = caught;
    }
  });
  const server = await Server.of(app);
  const answer = await server.send('/', { method, headers });
  await server.close();
  expect(hasRun, answer.text).to.equal(true);
  if (error !== undefined) throw error as Error;
}

function upgrade(headers: IncomingHttpHeaders): IncomingMessage {
  const request = new IncomingMessage(new Socket());
  request.headers = { host: 'localhost', ...headers };
  return request;
}

const cookie = (token: string, type = 'access'): IncomingHttpHeaders => ({
  cookie: `${type}_token_cookie=${token}`,
});
const without = (name: string): string => forge({ claims: claimsOf({ [name]: undefined }) });

/** A way to provoke an error: with each method of the row. */
type Provoke = (method: string) => unknown;

type Maker = 'createAccessToken' | 'createRefreshToken' | 'createTokenPair' | 'createToken';

function make(
  manager: JwtManager,
  method: string,
  identity: unknown,
  options: object = {},
): Promise<unknown> {
  if (method === 'createToken') return manager.createToken('password-reset', identity, options);
  return manager[method as Exclude<Maker, 'createToken'>](identity, options);
}

function verify(manager: JwtManager, method: string, token: string, options: object = {}): Promise<unknown> {
  if (method === 'verifyToken') return manager.verifyToken(token, options);
  if (method === 'verifyUpgrade')
    return manager.verifyUpgrade(upgrade(bearer(token) as IncomingHttpHeaders), options);
  return within(bearer(token) as IncomingHttpHeaders, (ctx) => manager.verifyJwtInRequest(ctx, options));
}

function end(manager: JwtManager, method: string, token: string): Promise<unknown> {
  if (method === 'revoke' || method === 'revokeSession') return manager[method](token);
  if (method === 'endSession') return manager.endSession('alice', 'some');
  return manager[method as 'revokeAll' | 'sessions']('alice');
}

function read(manager: JwtManager, method: string, token: string, options: object = {}): unknown {
  if (method.startsWith('set')) {
    return within({}, (ctx) => manager[method as 'setAccessCookies'](ctx, token, options));
  }
  return manager[method as 'decodeToken'](token);
}

/** The token of the type that a method takes. */
const fitting = (manager: JwtManager, method: string, options: object = {}): Promise<string> =>
  method === 'setRefreshCookies'
    ? manager.createRefreshToken('alice', options)
    : manager.createAccessToken('alice', options);

async function rotateTwice(rotationGrace = 0): Promise<void> {
  const manager = withStore({ rotationGrace });
  const { refreshToken } = await manager.createTokenPair('alice');
  await within(
    bearer(refreshToken) as IncomingHttpHeaders,
    async (ctx) => {
      await manager.rotate(ctx);
      await manager.rotate(ctx);
    },
    { refresh: true },
  );
}

async function rotate(manager: JwtManager, token: string, guard?: GuardOptions): Promise<void> {
  await within(bearer(token) as IncomingHttpHeaders, (ctx) => manager.rotate(ctx), guard);
}

const PROVOKED: Readonly<Record<string, Provoke>> = {
  'an option is wrong or unknown, or there is no key': () => {
    expect(() => managerWith({ accessTokenExpire: 1 } as never)).to.throw('accessTokenExpires');
    expect(() => managerWith({ accessTokenExpires: -1 })).to.throw('accessTokenExpires');
    new JwtManager({ loaders: [] });
  },
  'the identity is no text, is empty, or is that of no user: `undefined`': async (method) => {
    for (const identity of [7, '', 'undefined']) {
      await make(managerWith(), method, identity).then(
        () => expect.fail(String(identity)),
        (error: unknown) => expect(error).to.be.an.instanceOf(TypeError),
      );
    }
    await make(managerWith(), method, undefined);
  },
  'an option is unknown, or `expires` is no lifetime': async (method) => {
    await make(managerWith(), method, 'alice', { expires: '10' }).then(
      () => expect.fail('10'),
      (error: unknown) => expect(error).to.be.an.instanceOf(TypeError),
    );
    await make(managerWith(), method, 'alice', { expire: 10 });
  },
  '`additionalClaims` are not JSON, or set a claim of the library': async (method) => {
    await make(managerWith(), method, 'alice', { additionalClaims: { at: new Date() } }).then(
      () => expect.fail('Date'),
      (error: unknown) => expect(error).to.be.an.instanceOf(TypeError),
    );
    await make(managerWith(), method, 'alice', { additionalClaims: { sub: 'bob' } });
  },
  'the manager has only public keys or issuers': (method) => {
    const { publicKey } = generateKeyPairSync('ed25519');
    return make(new JwtManager({ algorithm: 'EdDSA', publicKey, loaders: [] }), method, 'alice');
  },
  'the purpose is no text, or is empty': async () => {
    await managerWith()
      .createToken(7 as never, 'alice')
      .then(
        () => expect.fail('7'),
        (error: unknown) => expect(error).to.be.an.instanceOf(TypeError),
      );
    await managerWith().createToken('', 'alice');
  },
  'no guard of this manager has let in the request': async () => {
    const manager = withStore();
    await rotate(manager, (await manager.createTokenPair('alice')).refreshToken);
  },
  'the guard was not for refresh tokens': async () => {
    const manager = withStore();
    await rotate(manager, (await manager.createTokenPair('alice')).accessToken, {});
  },
  'the token was used before, so that its session has ended': () => rotateTwice(),
  'the token is from before there was a store': async () => {
    const token = await managerWith().createRefreshToken('alice');
    // A store knows nothing of such a token, and lets it in: the guard does, but nobody can exchange it.
    await rotate(withStore(), token, { refresh: true, skipRevocationCheck: true });
  },
  'the token is of another issuer, which `decodeIssuer` accepts': async () => {
    const revocationStore = new MemoryRevocationStore();
    const sibling = managerWith({ revocationStore, encodeIssuer: 'sibling' });
    const { refreshToken } = await sibling.createTokenPair('alice');
    const manager = managerWith({ revocationStore, encodeIssuer: 'us', decodeIssuer: ['us', 'sibling'] });
    await rotate(manager, refreshToken, { refresh: true });
  },
  'a cookie came without its CSRF value': async (method) => {
    const manager = withStore({ tokenLocation: ['cookies'] });
    const token = await manager.createAccessToken('alice');
    await within(cookie(token), (ctx) =>
      method === 'logOut' ? manager.logOut(ctx) : manager.verifyJwtInRequest(ctx),
    );
  },
  'a good token came in a header, and there is no store': async () => {
    const manager = managerWith();
    const token = await manager.createAccessToken('alice');
    await within(bearer(token) as IncomingHttpHeaders, (ctx) => manager.logOut(ctx));
  },
  'an option is unknown': async () => {
    await within({}, (ctx) => managerWith().logOut(ctx, { location: ['headers'] } as never));
  },
  'the issuer of the token does not respond': async (method) => {
    const { manager, token } = managerWithDeadIssuer();
    if (method === 'logOut') await within(bearer(token) as IncomingHttpHeaders, (ctx) => manager.logOut(ctx));
    else if (method.startsWith('verify')) await verify(manager, method, token);
    else await read(manager, method, token);
  },
  'the text is no good token': (method) => end(withStore(), method, 'no token'),
  'the token has neither a `jti` nor a session': (method) => end(withStore(), method, without('jti')),
  'no token can have the identity': (method) =>
    method === 'endSession'
      ? withStore().endSession({ id: 7 }, 'some')
      : withStore()[method as 'revokeAll' | 'sessions']({ id: 7 }),
  'the manager has no revocation store': async (method) => {
    const manager = managerWith();
    if (method === 'rotate')
      await rotate(manager, await manager.createRefreshToken('alice'), { refresh: true });
    else await end(manager, method, await manager.createAccessToken('alice'));
  },
  'the revocation store fails': async (method) => {
    const { manager, lose } = managerThatLosesItsStore();
    const { accessToken, refreshToken } = await manager.createTokenPair('alice');
    const lost = <Result>(call: () => Result): Result => {
      lose();
      return call();
    };
    if (method.startsWith('create')) await lost(() => make(manager, method, 'alice'));
    else if (method.startsWith('verify')) await lost(() => verify(manager, method, accessToken));
    else if (method === 'logOut')
      await lost(() => within(bearer(accessToken) as IncomingHttpHeaders, (ctx) => manager.logOut(ctx)));
    else if (method === 'rotate') {
      await within(bearer(refreshToken) as IncomingHttpHeaders, (ctx) => lost(() => manager.rotate(ctx)), {
        refresh: true,
      });
    } else await lost(() => end(manager, method, accessToken));
  },
  'there is no token': (method) =>
    method === 'verifyUpgrade'
      ? managerWith().verifyUpgrade(upgrade({}))
      : within({}, (ctx) => managerWith().verifyJwtInRequest(ctx)),
  'there is something else in its place': (method) => verify(managerWith(), method, 'a b'),
  'a cookie came from a page that is not allowed': async () => {
    const manager = managerWith({ tokenLocation: ['cookies'] });
    const headers = { ...cookie(await manager.createAccessToken('alice')), origin: 'https://example.org' };
    await manager.verifyUpgrade(upgrade(headers));
  },
  'the token is forged, malformed or for somebody else': (method) => {
    const forged = forge({ signer: hmac('another secret, of some other application') });
    return method.startsWith('verify')
      ? verify(managerWith(), method, forged)
      : read(managerWith(), method, forged);
  },
  'it is of another type, or for another purpose': async (method) => {
    const manager = managerWith();
    const token = await manager.createToken('invitation', 'alice');
    await verify(manager, method, token, { purpose: 'password-reset' }).then(
      () => expect.fail('another purpose'),
      (error: unknown) => expect(error).to.include({ code: 'ERR_JWT_WRONG_TYPE' }),
    );
    await verify(manager, method, await manager.createRefreshToken('alice'));
  },
  'it has expired': async (method) => {
    const manager = managerWith();
    const token = await expiredToken(manager);
    await (method.startsWith('verify') ? verify(manager, method, token) : read(manager, method, token));
  },
  'it is not fresh, and `fresh` is demanded': async (method) => {
    const manager = managerWith();
    await verify(manager, method, await manager.createAccessToken('alice'), { fresh: true });
  },
  'it was revoked, or used up': async (method) => {
    const manager = withStore();
    const [token, once] = [
      await manager.createAccessToken('alice'),
      await manager.createToken('once', 'alice'),
    ];
    await verify(manager, method, once, { purpose: 'once', singleUse: true });
    await verify(manager, method, once, { purpose: 'once', singleUse: true }).then(
      () => expect.fail('used up'),
      (error: unknown) => expect(error).to.include({ code: 'ERR_JWT_REVOKED' }),
    );
    await manager.revoke(token);
    await verify(manager, method, token);
  },
  'the claims verification loader returns `false`': async (method) => {
    const manager = managerWith({ loaders: [Never] });
    Container.set(Never, new Never());
    await verify(manager, method, await manager.createAccessToken('alice'));
  },
  'the user loader finds nobody': async (method) => {
    const manager = managerWith({ loaders: [Nobody] });
    Container.set(Nobody, new Nobody());
    await verify(manager, method, await manager.createAccessToken('alice'));
  },
  'an option is unknown or wrong': async (method) => {
    const manager = managerWith();
    const token = await manager.createAccessToken('alice');
    if (method === 'watchToken') {
      const state = await manager.verifyToken(token);
      expect(() => manager.watchToken(state, { every: 0 })).to.throw('every must be');
      await manager.watchToken(state, { evry: 1 } as never);
    } else {
      await verify(manager, method, token, { fresh: 'yes' }).then(
        () => expect.fail('wrong'),
        (error: unknown) => expect(error).to.have.property('name', 'JwtConfigurationError'),
      );
      await verify(manager, method, token, { fresch: true });
    }
  },
  'the argument is no request of `node:http`': () => managerWith().verifyUpgrade({} as never),
  'it is for one purpose': async () => {
    const manager = managerWith();
    await manager.decodeToken(await manager.createToken('password-reset', 'alice'));
  },
  '`csrfValue` is not that of the token, or is `undefined`': async () => {
    const manager = managerWith();
    const token = await manager.createAccessToken('alice');
    const missing = await rejection(manager.decodeToken(token, { csrfValue: undefined } as object));
    expect(missing).to.include({ code: 'ERR_JWT_CSRF', message: 'Missing CSRF token' });
    await manager.decodeToken(token, { csrfValue: 'guess' });
  },
  'it has no `csrf` claim': (method) =>
    read(
      managerWith(),
      method,
      forge({
        claims: claimsOf({ csrf: undefined, type: method === 'setRefreshCookies' ? 'refresh' : 'access' }),
      }),
    ),
  'it is of another type': async (method) => {
    const manager = managerWith();
    await read(
      manager,
      method,
      await fitting(manager, method === 'setAccessCookies' ? 'setRefreshCookies' : ''),
    );
  },
  'a browser would drop the cookie, because it is too large': async (method) => {
    const manager = managerWith();
    const additionalClaims = { much: 'x'.repeat(4000) };
    await read(manager, method, await fitting(manager, method, { additionalClaims }));
  },
  '`maxAge` is no lifetime': async (method) => {
    const manager = managerWith();
    await read(manager, method, await fitting(manager, method), { maxAge: 'soon' });
  },
  'no cookie can have the `domain`': async (method) => {
    const manager = managerWith();
    const options = { domain: 'example.com; Path=/' };
    if (method.startsWith('set')) await read(manager, method, await fitting(manager, method), options);
    else
      await within({}, (ctx) => {
        manager[method as 'unsetJwtCookies'](ctx, options);
      });
  },
  'an option is unknown, or of another type': async (method) => {
    const manager = managerWith();
    const options = { csrf: 'value' } as never;
    if (method === 'decodeToken') await manager.decodeToken(await fitting(manager, method), options);
    else if (method.startsWith('set')) await read(manager, method, await fitting(manager, method), options);
    else
      await within({}, (ctx) => {
        manager[method as 'unsetJwtCookies'](ctx, options);
      });
  },
  'the text is no token': () => managerWith().getUnverifiedHeader('no token'),
};

describe('docs/manager-methods.md', function () {
  this.timeout(60_000);

  it('tells of errors that are provoked below, and of no others', () => {
    expect([...new Set(thrown.map(([, when]) => when))]).to.have.members(Object.keys(PROVOKED));
  });

  for (const [methods, when = '', throws = ''] of thrown) {
    for (const method of namesIn(methods)) {
      it(`is right about ${method}, when ${when}: ${throws}`, async () => {
        let error: unknown;
        try {
          await PROVOKED[when]?.(method);
        } catch (caught) {
          error = caught;
        }
        const { name, status, code = '', message } = error as Partial<Record<string, string>>;
        const said = [`\`${String(name)}\``, status, code.startsWith('ERR_JWT') && `\`${code}\``];
        expect(said.filter(Boolean).join(' '), message).to.equal(throws);
      });
    }
  }

  describe('in its list', () => {
    const file = path.join(ROOT, 'src/JwtManager.ts');
    const { options } = ts.parseJsonConfigFileContent(
      ts.readConfigFile(path.join(ROOT, 'tsconfig.build.json'), (name) => ts.sys.readFile(name)).config,
      ts.sys,
      ROOT,
    );
    const program = ts.createProgram([file], { ...options, noEmit: true });
    const checker = program.getTypeChecker();
    const declared = program
      .getSourceFile(file)
      ?.statements.find((each) => ts.isClassDeclaration(each) && each.name?.text === 'JwtManager');
    const members = (declared as ts.ClassDeclaration).members
      .filter(ts.isMethodDeclaration)
      .filter(({ name }) => ts.isIdentifier(name))
      .filter((member) => !ts.getJSDocTags(member).some(({ tagName }) => tagName.text === 'internal'));

    it('has a row for each public method, and for nothing else', () => {
      const named = listed.map(([call = '']) => /`(?:new )?(\w+)\(/.exec(call)?.[1]);
      expect(named).to.have.members(['JwtManager', ...members.map(({ name }) => name.getText())]);
    });

    for (const member of members) {
      const name = member.name.getText();
      it(`has the parameters, options and result of ${name}`, () => {
        const [call = '', named = '', returns = ''] =
          listed.find(([each]) => each?.startsWith(`\`${name}(`)) ?? [];
        const given = member.parameters.map((each) => each.name.getText());
        expect(call).to.equal(`\`${name}(${given.join(', ')})\``);
        const type = member.type?.getText() ?? '';
        expect(returns.replaceAll('\\|', '|')).to.equal(`\`${type}\``);
        const last = member.parameters.at(-1);
        if (named.startsWith('see ')) return;
        const known =
          last?.name.getText() === 'options'
            ? checker.getNonNullableType(checker.getTypeAtLocation(last)).getProperties()
            : [];
        expect(namesIn(named)).to.have.members(known.map((each) => each.name));
      });
    }
  });
});
