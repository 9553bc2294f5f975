import { expect } from 'chai';
import { parseSetCookie, type SetCookie } from 'cookie';
import Koa from 'koa';
import { JwtConfigurationError, JwtManager, type JwtOptions } from '../../src/index';
import { claimsOf, forge, now } from '../support/forge';
import { rejection } from '../support/rejection';
import { SECRET } from '../support/secret';
import { Server, type Answer } from '../support/Server';

async function answerOf(
  options: JwtOptions,
  act: (manager: JwtManager, ctx: Koa.Context) => Promise<void> | void,
): Promise<Answer> {
  const manager = new JwtManager({ secretKey: SECRET, loaders: [], ...options });
  const app = new Koa();
  app.use(async (ctx) => {
    await act(manager, ctx);
    ctx.body = {};
  });
  const server = await Server.of(app);
  const answer = await server.get('/');
  await server.close();
  expect(answer.status).to.equal(200);
  return answer;
}

const cookiesOf = ({ headers }: Answer): SetCookie[] =>
  (headers['set-cookie'] ?? []).map((text) => parseSetCookie(text));

describe('setAccessCookies(ctx, encoded, options) and setRefreshCookies', () => {
  for (const type of ['access', 'refresh'] as const) {
    it(`set the ${type} token for the server only, and its CSRF value for scripts`, async () => {
      let token = '';
      let csrf = '';
      const answer = await answerOf({}, async (manager, ctx) => {
        token = await (type === 'access' ? manager.createAccessToken('a') : manager.createRefreshToken('a'));
        csrf = await manager.getCsrfToken(token);
        await (type === 'access'
          ? manager.setAccessCookies(ctx, token)
          : manager.setRefreshCookies(ctx, token));
      });
      const shared = { path: '/', secure: true, sameSite: 'lax' };
      expect(cookiesOf(answer)).to.deep.equal([
        { name: `${type}_token_cookie`, value: token, httpOnly: true, ...shared },
        { name: `csrf_${type}_token`, value: csrf, ...shared },
      ]);
      expect(answer.headers['cache-control']).to.equal('no-store');
    });
  }

  it('refuse a dead token, expiry first, and one whose cookies could never be used', async () => {
    const faults = [
      ['setAccessCookies', { exp: now() - 1 }, 'ERR_JWT_EXPIRED'],
      ['setRefreshCookies', { exp: now() - 1 }, 'ERR_JWT_EXPIRED'],
      ['setRefreshCookies', { exp: now() - 1, type: 'refresh' }, 'ERR_JWT_EXPIRED'],
      ['setAccessCookies', { csrf: undefined }, 'ERR_JWT_INVALID'],
      ['setRefreshCookies', { csrf: undefined, type: 'refresh' }, 'ERR_JWT_INVALID'],
    ] as const;
    for (const [method, claims, code] of faults) {
      const answer = await answerOf({}, async (manager, ctx) => {
        const error = await rejection(manager[method](ctx, forge({ claims: claimsOf(claims) })));
        expect(error, method).to.have.property('code', code);
      });
      expect(answer.headers).to.not.have.property('set-cookie');
    }
    const answer = await answerOf({ cookieCsrfProtect: false }, (manager, ctx) =>
      manager.setAccessCookies(ctx, forge({ claims: claimsOf({ csrf: undefined }) })),
    );
    expect(cookiesOf(answer)).to.have.length(1);
  });

  it('follow the configuration', async () => {
    const answer = await answerOf(
      {
        accessCookieName: 'a',
        accessCookiePath: '/api',
        accessCsrfCookieName: 'c',
        accessCsrfCookiePath: '/page',
        cookieDomain: 'example.com',
        cookieSameSite: 'Strict',
        cookieSecure: false,
      },
      async (manager, ctx) => manager.setAccessCookies(ctx, await manager.createAccessToken('alice')),
    );
    const [token, csrf] = cookiesOf(answer);
    const shared = { domain: 'example.com', sameSite: 'strict' };
    expect(token).to.deep.include({ name: 'a', path: '/api', httpOnly: true, ...shared });
    expect(csrf).to.deep.include({ name: 'c', path: '/page', ...shared });
    for (const each of [token, csrf]) {
      expect(each).not.to.have.property('secure');
    }
  });

  const DAY = 86_400;
  for (const [type, options, expected] of [
    ['access', {}, 31 * DAY],
    ['refresh', {}, 31 * DAY],
    ['access', { accessTokenExpires: 600, refreshTokenExpires: '2 days' }, 3 * DAY],
    ['refresh', { accessTokenExpires: 600, refreshTokenExpires: '2 days' }, 3 * DAY],
    ['access', { accessTokenExpires: '9 days', refreshTokenExpires: '2 days' }, 10 * DAY],
    ['access', { refreshTokenExpires: false }, 400 * DAY],
    ['refresh', { refreshTokenExpires: '500 days' }, 400 * DAY],
  ] as const) {
    it(`with sessionCookie false, ${type} cookies live while the log-in can be refreshed: ${JSON.stringify(options)}`, async () => {
      const answer = await answerOf({ sessionCookie: false, ...options }, async (manager, ctx) =>
        type === 'access'
          ? manager.setAccessCookies(ctx, await manager.createAccessToken('alice'))
          : manager.setRefreshCookies(ctx, await manager.createRefreshToken('alice')),
      );
      expect(cookiesOf(answer)).to.have.length(2);
      for (const { maxAge } of cookiesOf(answer)) expect(maxAge).to.be.within(expected - 5, expected);
    });
  }

  for (const [maxAge, expected] of [
    [0, 0],
    [60, 60],
    ['2m', 120],
    ['2 days', 172_800],
    ['365 days', 11 * 86_400],
  ] as const) {
    it(`live for ${expected} s with maxAge ${maxAge}, and a day longer than a refresh token of 10 days at most`, async () => {
      const answer = await answerOf({ refreshTokenExpires: '10 days' }, async (manager, ctx) =>
        manager.setAccessCookies(ctx, await manager.createAccessToken('alice'), {
          maxAge,
          domain: 'example.org',
        }),
      );
      for (const each of cookiesOf(answer)) {
        expect(each.domain).to.equal('example.org');
        expect(each.maxAge).to.be.within(Math.max(0, expected - 2), expected);
      }
    });
  }

  it('live for 400 days, the limit of browsers, if the token never expires', async () => {
    const answer = await answerOf({ sessionCookie: false, accessTokenExpires: false }, async (manager, ctx) =>
      manager.setAccessCookies(ctx, await manager.createAccessToken('alice')),
    );
    expect(cookiesOf(answer).map(({ maxAge }) => maxAge)).to.deep.equal([34_560_000, 34_560_000]);
  });

  it('outlive a refresh token by a day, however long others live', async () => {
    const answer = await answerOf({ sessionCookie: false }, async (manager, ctx) =>
      manager.setRefreshCookies(ctx, await manager.createRefreshToken('alice', { expires: 3600 })),
    );
    for (const { maxAge } of cookiesOf(answer)) expect(maxAge).to.be.within(86_400 + 3590, 86_400 + 3600);
  });

  it('refuse a token whose cookie browsers would drop, and set neither cookie', async () => {
    for (const [claim, fits] of [
      [2_000, true],
      [3_500, false],
    ] as const) {
      const answer = await answerOf({}, async (manager, ctx) => {
        const additionalClaims = { much: 'x'.repeat(claim) };
        const access = await manager.createAccessToken('alice', { additionalClaims });
        const refresh = await manager.createRefreshToken('alice', { additionalClaims });
        if (fits) await manager.setAccessCookies(ctx, access);
        else {
          const [one, two] = [manager.setAccessCookies(ctx, access), manager.setRefreshCookies(ctx, refresh)];
          expect((await rejection(one)).message).to.match(
            /^The cookie access_token_cookie would have \d+ bytes.* than 4096: put fewer claims into the token$/,
          );
          expect((await rejection(two)).message).to.contain('refresh_token_cookie');
        }
      });
      expect(cookiesOf(answer)).to.have.length(fits ? 2 : 0);
    }
  });

  it('count the attributes: 4096 bytes fit, and no more', async () => {
    await answerOf({ cookieCsrfProtect: false }, async (manager, ctx) => {
      let [longest, failure] = [0, ''];
      for (let length = 2_500; failure === ''; length++) {
        const token = await manager.createAccessToken('alice', {
          additionalClaims: { x: 'x'.repeat(length) },
        });
        ctx.remove('Set-Cookie');
        try {
          await manager.setAccessCookies(ctx, token);
          longest = String(ctx.response.headers['set-cookie']).length;
        } catch (error) {
          failure = (error as Error).message;
        }
      }
      // Three bytes of claims are four of a token.
      expect(longest).to.be.within(4095, 4096);
      expect(failure).to.match(/would have (4097|4098) bytes/);
    });
  });

  for (const options of [{ csrfInCookies: false }, { cookieCsrfProtect: false }]) {
    it(`omit the CSRF cookie with ${JSON.stringify(options)}`, async () => {
      const answer = await answerOf(options, async (manager, ctx) => {
        await manager.setAccessCookies(ctx, await manager.createAccessToken('alice'));
        manager.unsetAccessCookies(ctx);
      });
      expect(cookiesOf(answer).map(({ name }) => name)).to.deep.equal([
        'access_token_cookie',
        'access_token_cookie',
      ]);
    });
  }

  it('give each log-in another CSRF value', async () => {
    const answer = await answerOf({}, async (manager, ctx) => {
      for (let i = 0; i < 2; i++)
        await manager.setAccessCookies(ctx, await manager.createAccessToken('alice'));
    });
    const values = cookiesOf(answer).filter(({ name }) => name === 'csrf_access_token');
    expect(new Set(values.map(({ value }) => value)).size).to.equal(2);
  });

  it('refuse a token of the other type, a forged one and an invalid maxAge', async () => {
    await answerOf({}, async (manager, ctx) => {
      const [access, refresh] = [await manager.createAccessToken('a'), await manager.createRefreshToken('a')];
      for (const [promise, message] of [
        [manager.setAccessCookies(ctx, refresh), 'The access cookie takes no refresh token'],
        [manager.setRefreshCookies(ctx, access), 'The refresh cookie takes no access token'],
        [manager.setAccessCookies(ctx, `${access}x`), 'Signature verification failed'],
        [manager.setAccessCookies(ctx, access, { maxAge: -1 }), 'maxAge must be'],
        [manager.setAccessCookies(ctx, access, { maxAge: '60' }), 'maxAge must be'],
      ] as const) {
        expect((await rejection(promise)).message).to.contain(message);
      }
      expect(ctx.response.headers).not.to.have.property('set-cookie');
    });
  });
});

describe('unsetJwtCookies(ctx, options)', () => {
  it('deletes each cookie with the name, path, domain and attributes it was set with', async () => {
    const options: JwtOptions = {
      refreshCookiePath: '/refresh',
      cookieDomain: 'example.com',
      cookieSameSite: 'None',
    };
    const set = await answerOf(options, async (manager, ctx) => {
      await manager.setAccessCookies(ctx, await manager.createAccessToken('alice'));
      await manager.setRefreshCookies(ctx, await manager.createRefreshToken('alice'));
    });
    const unset = await answerOf(options, (manager, ctx) => {
      manager.unsetJwtCookies(ctx);
    });
    const ended = cookiesOf(unset);
    const gone = { value: '', maxAge: 0, expires: new Date(0) };
    expect(ended).to.deep.equal(cookiesOf(set).map((cookie) => ({ ...cookie, ...gone })));
    expect(ended).to.have.length(4);
  });

  it('has a variant for each token type, which takes a domain', async () => {
    const answer = await answerOf({}, (manager, ctx) => {
      manager.unsetAccessCookies(ctx, { domain: 'example.org' });
      manager.unsetRefreshCookies(ctx);
    });
    expect(cookiesOf(answer).map(({ name, domain }) => [name, domain])).to.deep.equal([
      ['access_token_cookie', 'example.org'],
      ['csrf_access_token', 'example.org'],
      ['refresh_token_cookie', undefined],
      ['csrf_refresh_token', undefined],
    ]);
  });
});

describe('unsetJwtCookies(ctx, { path, domain })', () => {
  it('ends the cookies of an older configuration, and leaves those of today alone', async () => {
    const answer = await answerOf({ refreshCookiePath: '/session' }, async (manager, ctx) => {
      manager.unsetJwtCookies(ctx, { path: '/old', domain: 'example.com' });
      manager.unsetAccessCookies(ctx, { path: '/api' });
      manager.unsetRefreshCookies(ctx, { path: '/api' });
      await manager.setAccessCookies(ctx, await manager.createAccessToken('alice'));
    });
    const cookies = cookiesOf(answer).map(({ name, path, domain, maxAge }) => [name, path, domain, maxAge]);
    expect(cookies).to.deep.equal([
      ['access_token_cookie', '/old', 'example.com', 0],
      ['csrf_access_token', '/old', 'example.com', 0],
      ['refresh_token_cookie', '/old', 'example.com', 0],
      ['csrf_refresh_token', '/old', 'example.com', 0],
      ['access_token_cookie', '/api', undefined, 0],
      ['csrf_access_token', '/api', undefined, 0],
      ['refresh_token_cookie', '/api', undefined, 0],
      ['csrf_refresh_token', '/api', undefined, 0],
      ['access_token_cookie', '/', undefined, undefined],
      ['csrf_access_token', '/', undefined, undefined],
    ]);
  });
});

describe('the cookie options', () => {
  for (const [options, message] of [
    [{ cookieSameSite: 'None', cookieSecure: false }, 'cookieSameSite None needs cookieSecure'],
    [{ cookieSameSite: 'lax' }, 'Option cookieSameSite must be one of Lax, Strict, None'],
    [{ accessCookieName: '__Secure-a', cookieSecure: false }, 'accessCookieName needs cookieSecure'],
    [{ accessCookieName: '__Host-a', cookieSecure: false }, 'accessCookieName needs cookieSecure'],
    [
      { refreshCookieName: '__Host-r', refreshCookiePath: '/r' },
      'refreshCookieName needs the path / and no cookieDomain',
    ],
    [
      { accessCsrfCookieName: '__Host-c', cookieDomain: 'a.b' },
      'accessCsrfCookieName needs the path / and no',
    ],
    [{ accessCookieName: 'a', refreshCookieName: 'a' }, 'must all differ'],
    [{ accessCookieName: 'a b' }, 'Option accessCookieName must be a name'],
    [{ accessCookiePath: 'api' }, 'Option accessCookiePath must be a path'],
    [{ accessCookiePath: '/;Secure' }, 'Option accessCookiePath must be a path'],
    [{ cookieDomain: 'a.b; Path=/' }, 'Option cookieDomain must be a domain'],
    [{ csrfMethods: [] }, 'Option csrfMethods must be a non-empty list'],
    [{ csrfMethods: 'POST' }, 'Option csrfMethods must be a non-empty list'],
    [
      { tokenLocation: ['cookie'] },
      'Option tokenLocation must be a list of headers, cookies, query_string, json',
    ],
    [{ tokenLocation: [] }, 'Option tokenLocation must be'],
    [{ tokenLocation: ['headers', 'headers'] }, 'Option tokenLocation must be'],
  ] as const) {
    it(`refuse ${JSON.stringify(options)}`, () => {
      expect(() => new JwtManager({ secretKey: SECRET, loaders: [], ...(options as JwtOptions) })).to.throw(
        JwtConfigurationError,
        message,
      );
    });
  }
});
