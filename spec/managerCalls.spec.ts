import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect } from 'chai';
import type { Context } from 'koa';
import { Service } from 'typedi';
import {
  DecodeKeyLoader,
  InvalidTokenError,
  JwtConfigurationError,
  JwtError,
  JwtManager,
  KeysUnavailableError,
  MemoryRevocationStore,
  type JwtOptions,
} from '../src/index';
import { isManager } from '../src/JwtManager';
import { sampleContext } from '../src/openapi/sampleContext';
import { policyFrom } from '../src/request/Policy';
import { notesOf } from '../src/request/RequestNotes';
import { claimsOf, forge, hmac } from './support/forge';
import { Heard } from './support/Heard';
import { rejection } from './support/rejection';
import { SECRET } from './support/secret';
import { Warnings } from './support/Warnings';

const OTHER_SECRET = `another one: ${SECRET}`;

function managerOf(options: JwtOptions = {}): JwtManager {
  return new JwtManager({ secretKey: SECRET, loaders: [], ...options });
}
function contextOf(token?: string, verb = 'GET'): Context {
  const ctx = sampleContext(verb, '/path');
  if (token !== undefined) ctx.req.headers.authorization = `Bearer ${token}`;
  return ctx;
}

describe('A call of a manager', () => {
  const manager = managerOf();

  it('whose promise is sent instead of its result says which call it was', async () => {
    const ctx = contextOf();
    const calls: Readonly<Record<string, () => Promise<unknown>>> = {
      createAccessToken: () => manager.createAccessToken('alice'),
      createRefreshToken: () => manager.createRefreshToken('alice'),
      createToken: () => manager.createToken('reset', 'alice'),
      createTokenPair: () => manager.createTokenPair('alice'),
      rotate: () => manager.rotate(ctx),
      revoke: () => manager.revoke('a'),
      revokeSession: () => manager.revokeSession('a'),
      revokeAll: () => manager.revokeAll('alice'),
      sessions: () => manager.sessions('alice'),
      endSession: () => manager.endSession('alice', 'a'),
      decodeToken: () => manager.decodeToken('a'),
      getJti: () => manager.getJti('a'),
      getCsrfToken: () => manager.getCsrfToken('a'),
      verifyToken: () => manager.verifyToken('a'),
      verifyUpgrade: () => manager.verifyUpgrade(ctx.req),
      setAccessCookies: () => manager.setAccessCookies(ctx, 'a'),
      setRefreshCookies: () => manager.setRefreshCookies(ctx, 'a'),
    };
    for (const [name, call] of Object.entries(calls)) {
      const promise = call();
      expect(() => JSON.stringify({ promise }), name).to.throw(TypeError, `the promise of ${name}()`);
      await promise.catch(() => undefined);
    }
  });

  it('that refuses is answered as this manager answers', async () => {
    const own = managerOf({ errorMessageKey: 'why' });
    const expired = forge({ claims: claimsOf({ exp: 1 }) });
    const watched = await own.verifyToken(await own.createAccessToken('alice', { expires: 1 }));
    for (const error of [
      await rejection(own.decodeToken('a')),
      await rejection(own.verifyToken(expired)),
      await own.watchToken({ ...watched, payload: { ...watched.payload, exp: 1 } }),
    ]) {
      expect(error).to.be.instanceOf(JwtError);
      expect(error?.refuser).to.equal(own);
      expect(error?.toJSON()).to.deep.equal({ why: error?.message });
    }
    expect(await own.watchToken(watched, { signal: AbortSignal.abort() })).to.equal(undefined);
  });

  it('takes no token for one purpose for another, and no cookie without a CSRF value', async () => {
    const token = await manager.createToken('reset', 'alice');
    expect((await rejection(manager.decodeToken(token))).message).to.equal(
      'Tokens for one purpose are not allowed',
    );
    const without = forge({ claims: claimsOf({ csrf: undefined }) });
    expect((await rejection(manager.setAccessCookies(contextOf(), without))).message).to.equal(
      'Missing claim: csrf',
    );
    expect((await rejection(manager.getCsrfToken(without))).message).to.equal('Missing claim: csrf');
  });

  it('settles the access cookie of an answer, as far as it is the one of today', async () => {
    const settled = async (call: (ctx: Context) => unknown): Promise<boolean> => {
      const ctx = contextOf();
      await call(ctx);
      return notesOf(ctx).isAccessCookieSettled;
    };
    const [access, refresh] = [await manager.createAccessToken('a'), await manager.createRefreshToken('a')];
    expect(await settled((ctx) => manager.setAccessCookies(ctx, access))).to.equal(true);
    expect(await settled((ctx) => manager.setRefreshCookies(ctx, refresh))).to.equal(false);
    for (const [options, expected] of [
      [{}, true],
      [{ path: '/' }, true],
      [{ path: '/old' }, false],
    ] as const)
      expect(
        await settled((ctx) => {
          manager.unsetAccessCookies(ctx, options);
        }),
      ).to.equal(expected);
    expect(
      await settled((ctx) => {
        manager.unsetRefreshCookies(ctx);
      }),
    ).to.equal(false);
  });

  it('finds no user where no loader makes one', () => {
    expect(() => manager.currentUser({} as never)).to.throw(
      JwtConfigurationError,
      'There is no user to load: register a class with @UserLoader()',
    );
  });

  it('lets a CORS preflight pass, which has no credentials', async () => {
    expect(await manager.authenticate(notesOf(contextOf(undefined, 'OPTIONS')), policyFrom())).to.equal(
      undefined,
    );
    const refused = manager.authenticate(notesOf(contextOf(undefined, 'GET')), policyFrom());
    expect((await rejection(refused)).code).to.equal('ERR_JWT_MISSING');
  });

  it('passes on what is no refusal', async () => {
    const ctx = contextOf(await manager.createAccessToken('alice'));
    const notes = Object.defineProperty(notesOf(ctx), 'checked', {
      get: () => {
        throw new RangeError('a fault');
      },
    });
    expect(await rejection(manager.authenticate(notes, policyFrom()))).to.be.instanceOf(RangeError);
  });

  it('is possible for managers only', () => {
    for (const value of [null, undefined, 7, 'a', {}, JwtManager, (): void => undefined])
      expect(isManager(value), typeof value).to.equal(false);
    class OtherManager extends JwtManager {}
    for (const value of [manager, new OtherManager({ secretKey: SECRET, loaders: [] })])
      expect(isManager(value)).to.equal(true);
  });

  it('ends the cookies of the type that it names', () => {
    const ctx = contextOf();
    manager.unsetRefreshCookies(ctx);
    expect(String(ctx.response.headers['set-cookie'])).to.match(
      /^refresh_token_cookie=;.*,csrf_refresh_token=;/,
    );
  });

  it('needs a configuration, and no other major version beside it', () => {
    expect(() => new JwtManager(undefined as never)).to.throw(
      JwtConfigurationError,
      'A JwtManager needs a configuration: new JwtManager({ secretKey: … })',
    );
    const other = Symbol.for('routing-controllers-jwt-extended@998');
    Object.defineProperty(globalThis, other, { value: {}, configurable: true });
    try {
      expect(() => managerOf()).to.throw(
        JwtConfigurationError,
        'routing-controllers-jwt-extended@998 is loaded too, and neither knows what the other guards: npm ls shows who installs it, keep one',
      );
    } finally {
      Reflect.deleteProperty(globalThis, other);
    }
  });
});

describe('manager.rotate(ctx)', () => {
  const VERY = 'rotate(ctx) is for requests that this very manager has let in';
  const REFRESH = 'rotate(ctx) is for @RefreshJwtRequired() routes';

  async function rotated(
    by: JwtManager,
    token: string,
    admitting: JwtManager,
    refresh = true,
  ): Promise<JwtError> {
    const ctx = contextOf(token);
    await admitting.authenticate(notesOf(ctx), policyFrom({ refresh, optional: true }));
    return rejection(by.rotate(ctx));
  }

  it('is for requests that this manager has let in with a refresh token', async () => {
    const [one, other] = [managerOf(), managerOf()];
    expect((await rejection(one.rotate(contextOf()))).message).to.equal(VERY);
    const refresh = await one.createRefreshToken('alice');
    expect((await rotated(other, refresh, one)).message).to.equal(VERY);
    expect((await rotated(one, await one.createAccessToken('alice'), one, false)).message).to.equal(REFRESH);
    const anonymous = contextOf();
    await one.authenticate(notesOf(anonymous), policyFrom({ refresh: true, optional: true }));
    expect((await rejection(one.rotate(anonymous))).message).to.equal(REFRESH);
  });

  it('is not for tokens from before there was a store', async () => {
    const before = await managerOf().createRefreshToken('alice');
    const manager = managerOf({ revocationStore: new MemoryRevocationStore() });
    const error = await rotated(manager, before, manager);
    expect(error.code).to.equal('ERR_JWT_REVOKED');
    expect((error as unknown as { token: { identity: unknown } }).token.identity).to.equal('alice');
  });
});

describe('What a manager tells', () => {
  it('is heard once for each token that it lets in or refuses', async () => {
    const manager = managerOf({ tokenLocation: ['headers', 'query_string'] });
    const token = await manager.createAccessToken('alice');
    const heard = new Heard();
    try {
      await manager.authenticate(notesOf(contextOf(token)), policyFrom());
      await manager.verifyToken(token);
      await manager.verifyUpgrade(contextOf(token).req);
      expect(heard.names).to.deep.equal(['admitted', 'admitted', 'admitted']);
      heard.forget();
      await rejection(manager.authenticate(notesOf(contextOf()), policyFrom()));
      await rejection(manager.verifyToken('a'));
      await rejection(manager.verifyUpgrade(contextOf().req));
      expect(heard.of('refused').map(({ code, status }) => [code, status])).to.deep.equal([
        ['ERR_JWT_MISSING', 401],
        ['ERR_JWT_INVALID', undefined],
        ['ERR_JWT_MISSING', undefined],
      ]);
      heard.forget();
      await rejection(manager.verifyUpgrade({} as never));
      expect(heard.names).to.deep.equal([]);
    } finally {
      heard.stop();
    }
  });

  it('of keys that cannot be fetched is one error of the application for each attempt', async () => {
    const manager = managerOf();
    const told: Error[] = [];
    const refuse = async (cause: Error): Promise<void> => {
      const ctx = contextOf();
      ctx.app.removeAllListeners('error');
      ctx.app.on('error', (error: Error) => told.push(error));
      await rejection(manager.refuse(ctx, new KeysUnavailableError(cause)));
      await rejection(manager.refuse(ctx, new InvalidTokenError('a')));
    };
    const [first, second] = [new Error('first'), new Error('second')];
    for (const cause of [first, first, second, first]) await refuse(cause);
    expect(told.map(({ message, cause }) => [message, cause])).to.deep.equal([
      ['A token could not be verified', first],
      ['A token could not be verified', second],
    ]);
  });
});

describe('A manager that refuses a token of another manager', () => {
  @Service()
  @DecodeKeyLoader()
  class OtherKey {
    load(): string {
      return OTHER_SECRET;
    }
  }
  const { NODE_ENV } = process.env;
  let warnings: Warnings;
  beforeEach(() => {
    delete process.env['NODE_ENV'];
    warnings = new Warnings();
  });
  afterEach(() => {
    warnings.stop();
    if (NODE_ENV === undefined) delete process.env['NODE_ENV'];
    else process.env['NODE_ENV'] = NODE_ENV;
  });
  async function refuse(manager: JwtManager, token: string): Promise<void> {
    await rejection(manager.authenticate(notesOf(contextOf(token)), policyFrom()));
    await nextTurn();
  }
  const OF_OTHER = forge({ signer: hmac(OTHER_SECRET) });

  it('says so once, because its users are other people', async () => {
    class OneManager extends JwtManager {}
    class TwoManager extends JwtManager {}
    const one = new OneManager({ secretKey: SECRET, loaders: [] });
    const two = new TwoManager({ secretKey: OTHER_SECRET, loaders: [] });
    await refuse(one, OF_OTHER);
    await refuse(one, OF_OTHER);
    expect(warnings.told).to.deep.equal([
      'OneManager has refused a token that is good for TwoManager: check the option manager of the guard, or which manager made the token',
    ]);
    await refuse(two, forge({ signer: hmac(`nobody: ${SECRET}`) }));
    expect(warnings.told).to.have.length(1);
    expect(two).to.be.instanceOf(TwoManager);
  });

  it('says nothing of itself, of other refusals, and in production', async () => {
    class LoneManager extends JwtManager {}
    class RichManager extends JwtManager {}
    const lone = new LoneManager({ secretKey: SECRET, loaders: [] });
    const secretKey = `rich: ${SECRET}`;
    const ofRich = forge({ signer: hmac(secretKey) });
    const rich = new RichManager({ secretKey, loaders: [] });
    await refuse(rich, await rich.createRefreshToken('alice'));
    process.env['NODE_ENV'] = 'production';
    await refuse(lone, ofRich);
    expect(warnings.told).to.deep.equal([]);
    process.env['NODE_ENV'] = 'test';
    await refuse(lone, ofRich);
    expect(warnings.told).to.have.length(1);
  });

  it('asks no loader of the other one', async () => {
    class PlainManager extends JwtManager {}
    class LoadingManager extends JwtManager {}
    const secretKey = `plain: ${SECRET}`;
    const token = forge({ signer: hmac(`loading: ${SECRET}`) });
    const loading = new LoadingManager({ loaders: [OtherKey] });
    await refuse(new PlainManager({ secretKey, loaders: [] }), token);
    expect(warnings.told).to.deep.equal([]);
    expect(loading).to.be.instanceOf(LoadingManager);
  });
});
