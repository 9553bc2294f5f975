import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import {
  CsrfError,
  JwtConfigurationError,
  JwtManager,
  type JwtErrorCode,
  type JwtOptions,
  type UpgradeOptions,
} from '../../src/index';
import { UpgradeRequest, upgradePolicyFrom } from '../../src/request/UpgradeRequest';
import { rejection } from '../support/rejection';
import { SECRET } from '../support/secret';

const OPTIONS: JwtOptions = {
  secretKey: SECRET,
  loaders: [],
  tokenLocation: ['headers', 'cookies', 'query_string'],
};
const manager = new JwtManager(OPTIONS);

/** A real request, as node:http parses it, with headers as sent. */
async function upgradeOf(path: string, headers: readonly string[]): Promise<http.IncomingMessage> {
  const server = http.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const upgrade = once(server, 'upgrade') as Promise<[http.IncomingMessage]>;
  const request = http.request({
    host: '127.0.0.1',
    port: (server.address() as AddressInfo).port,
    path,
    headers: ['Connection', 'Upgrade', 'Upgrade', 'websocket', ...headers],
  });
  request.on('error', () => undefined);
  request.end();
  const [received] = await upgrade;
  received.socket.destroy();
  server.close();
  return received;
}

let token: string;
before(async () => {
  token = await manager.createAccessToken('alice');
});

describe('manager.verifyUpgrade(request, options)', () => {
  const rows: readonly (readonly [
    what: string,
    path: string,
    headers: readonly string[],
    options: UpgradeOptions,
    expected: string | { code: JwtErrorCode; message: string },
  ])[] = [
    ['a header', '/', ['Host', 'a.test', 'Authorization', 'Bearer T'], {}, 'headers'],
    [
      'a header, whatever the origin',
      '/',
      ['Host', 'a.test', 'Authorization', 'Bearer T', 'Origin', 'https://evil.test'],
      {},
      'headers',
    ],
    ['a query string', '/socket?room=1&jwt=T', ['Host', 'a.test', 'Origin', 'null'], {}, 'query_string'],
    [
      'a cookie of this host',
      '/',
      ['Host', 'a.test', 'Origin', 'https://a.test', ...cookie()],
      {},
      'cookies',
    ],
    [
      'a cookie of this host without TLS',
      '/',
      ['Host', 'localhost:3000', 'Origin', 'http://localhost:3000', ...cookie()],
      {},
      'cookies',
    ],
    [
      'a default port in Host',
      '/',
      ['Host', 'a.test:443', 'Origin', 'https://a.test', ...cookie()],
      {},
      'cookies',
    ],
    [
      'a default port in Host without TLS',
      '/',
      ['Host', 'a.test:80', 'Origin', 'http://a.test', ...cookie()],
      {},
      'cookies',
    ],
    ['a Host in capitals', '/', ['Host', 'A.Test', 'Origin', 'https://a.test', ...cookie()], {}, 'cookies'],
    ['an IPv6 Host', '/', ['Host', '[::1]:8080', 'Origin', 'http://[::1]:8080', ...cookie()], {}, 'cookies'],
    [
      'a cookie of an allowed origin',
      '/',
      ['Host', 'a.test', 'Origin', 'https://app.test', ...cookie()],
      { origins: ['https://app.test'] },
      'cookies',
    ],
    [
      'a cookie of an app',
      '/',
      ['Host', 'a.test', 'Origin', 'capacitor://localhost', ...cookie()],
      { origins: ['capacitor://localhost'] },
      'cookies',
    ],
    ...(
      [
        ['no origin', [], 'Missing Origin header'],
        ['an empty origin', ['Origin', ''], 'Missing Origin header'],
        ['the origin null', ['Origin', 'null'], 'Origin is not allowed'],
        ['another site', ['Origin', 'https://evil.test'], 'Origin is not allowed'],
        ['another port', ['Origin', 'https://a.test:8443'], 'Origin is not allowed'],
        ['a subdomain', ['Origin', 'https://x.a.test'], 'Origin is not allowed'],
        ['a longer host', ['Origin', 'https://a.test.evil.test'], 'Origin is not allowed'],
        ['a host that ends alike', ['Origin', 'https://evila.test'], 'Origin is not allowed'],
        ['a user in the origin', ['Origin', 'https://a.test@evil.test'], 'Origin is not allowed'],
        ['a path in the origin', ['Origin', 'https://a.test/'], 'Origin is not allowed'],
        ['another scheme', ['Origin', 'chrome-extension://a.test'], 'Origin is not allowed'],
        ['two origins', ['Origin', 'https://a.test', 'Origin', 'https://evil.test'], 'Origin is not allowed'],
        [
          'a forwarded host',
          ['Origin', 'https://evil.test', 'X-Forwarded-Host', 'evil.test'],
          'Origin is not allowed',
        ],
      ] as const
    ).map(
      ([what, headers, message]) =>
        [
          `a cookie with ${what}`,
          '/',
          ['Host', 'a.test', ...headers, ...cookie()],
          { origins: ['https://app.test'] },
          { code: 'ERR_JWT_CSRF', message },
        ] as const,
    ),
    [
      'two cookies',
      '/a',
      [
        'Host',
        'a.test',
        'Origin',
        'https://a.test',
        'Cookie',
        'access_token_cookie=T; access_token_cookie=x',
      ],
      {},
      { code: 'ERR_JWT_BAD_REQUEST', message: 'Bad cookie "access_token_cookie". Expected it once' },
    ],
    [
      'a cookie where only headers are searched',
      '/',
      ['Host', 'a.test', 'Origin', 'https://a.test', ...cookie()],
      { locations: ['headers'] },
      { code: 'ERR_JWT_MISSING', message: 'Missing Authorization Header' },
    ],
    [
      'a bad token',
      '/?jwt=nonsense',
      ['Host', 'a.test'],
      {},
      { code: 'ERR_JWT_INVALID', message: 'Not enough segments' },
    ],
    [
      'a stale token where a fresh one is demanded',
      '/?jwt=T',
      ['Host', 'a.test'],
      { fresh: true },
      { code: 'ERR_JWT_NOT_FRESH', message: 'Fresh token required' },
    ],
    [
      'the access cookie where a refresh token is demanded',
      '/',
      ['Host', 'a.test', 'Origin', 'https://a.test', 'Cookie', 'refresh_token_cookie=T'],
      { refresh: true },
      { code: 'ERR_JWT_WRONG_TYPE', message: 'Only refresh tokens are allowed' },
    ],
  ];
  for (const [what, path, headers, options, expected] of rows) {
    it(`${typeof expected === 'string' ? 'lets in' : 'refuses'} ${what}`, async () => {
      const put = (text: string): string => text.replace(/\bT\b/, token);
      const request = await upgradeOf(put(path), headers.map(put));
      const verified = manager.verifyUpgrade(request, options);
      if (typeof expected === 'string') {
        const { identity, location } = await verified;
        expect([identity, location]).to.deep.equal(['alice', expected]);
      } else {
        const { code, message } = await rejection(verified);
        expect({ code, message }).to.deep.equal(expected);
      }
    });
  }

  it('names every location that is not possible here, when none is', async () => {
    const strict = new JwtManager({ ...OPTIONS, tokenLocation: ['cookies', 'json'] });
    const request = await upgradeOf('/', ['Host', 'a.test']);
    expect((await rejection(strict.verifyUpgrade(request, { purpose: 'chat' }))).message).to.equal(
      "The token cannot be in cookies or json here, where tokenLocation says: give locations, such as locations: ['query_string']",
    );
  });

  it('refuses a page without TLS on a connection with TLS', async () => {
    const headers = ['Host', 'a.test', 'Cookie', `access_token_cookie=${token}`, 'Origin', 'http://a.test'];
    const request = await upgradeOf('/', headers);
    Object.defineProperty(request, 'socket', { value: { encrypted: true } });
    expect((await rejection(manager.verifyUpgrade(request))).code).to.equal('ERR_JWT_CSRF');
  });

  it('does without the CSRF value that no browser can send, even if csrfMethods wants it', async () => {
    const strict = new JwtManager({ ...OPTIONS, csrfMethods: ['GET', 'POST'] });
    const headers = ['Host', 'a.test', 'Cookie', `access_token_cookie=${token}`];
    const own = await upgradeOf('/', [...headers, 'Origin', 'https://a.test']);
    expect((await strict.verifyUpgrade(own)).identity).to.equal('alice');
    const foreign = await upgradeOf('/', [...headers, 'Origin', 'https://evil.test']);
    expect((await rejection(strict.verifyUpgrade(foreign))).code).to.equal('ERR_JWT_CSRF');
  });

  it('checks the origin although cookieCsrfProtect is off', async () => {
    const trusting = new JwtManager({ ...OPTIONS, cookieCsrfProtect: false });
    const headers = [
      'Host',
      'a.test',
      'Cookie',
      `access_token_cookie=${token}`,
      'Origin',
      'https://evil.test',
    ];
    expect((await rejection(trusting.verifyUpgrade(await upgradeOf('/', headers)))).code).to.equal(
      'ERR_JWT_CSRF',
    );
  });

  it('names every place where the token could have been', async () => {
    const json = new JwtManager({ ...OPTIONS, tokenLocation: ['json', 'headers', 'query_string'] });
    const error = await rejection(json.verifyUpgrade(await upgradeOf('/', ['Host', 'a.test'])));
    expect(error.message).to.equal(
      "Missing JWT in headers or query_string (Missing Authorization Header; Missing 'jwt' query parameter)",
    );
  });

  it('lets anonymous clients in where that is optional', async () => {
    const request = await upgradeOf('/', ['Host', 'a.test']);
    const state = await manager.verifyUpgrade(request, { optional: true });
    expect(state.identity).to.equal(undefined);
    expect((await rejection(manager.verifyUpgrade(request))).code).to.equal('ERR_JWT_MISSING');
  });

  for (const [options, message] of [
    [{ origin: [] }, 'Unknown option origin: did you mean origins?'],
    [{ location: [] }, 'Unknown option location: did you mean locations?'],
    [
      { origins: 'https://a.test' },
      "Option origins must be a list of origins as browsers send them, such as ['https://app.example.com']",
    ],
    [{ locations: ['json'] }, 'Option locations must do without json: an upgrade request has no body'],
    ...[
      'https://a.test/',
      'a.test',
      'null',
      '*',
      'https://*.a.test',
      'https://A.test',
      'https://a.test:443',
    ].map(
      (origin) =>
        [
          { origins: [origin] },
          "Option origins must be a list of origins as browsers send them, such as ['https://app.example.com']",
        ] as const,
    ),
  ] as const) {
    it(`refuses the options ${JSON.stringify(options)}`, async () => {
      const request = await upgradeOf('/', ['Host', 'a.test']);
      const error = await rejection(manager.verifyUpgrade(request, options as never));
      expect(error.name).to.equal('JwtConfigurationError');
      expect(error.message).to.equal(message);
    });
  }

  it('says so when no configured location is possible', async () => {
    const json = new JwtManager({ ...OPTIONS, tokenLocation: ['json'] });
    const error = await rejection(json.verifyUpgrade(await upgradeOf('/', ['Host', 'a.test'])));
    expect(error.name).to.equal('JwtConfigurationError');
    expect(error.message).to.include("locations: ['query_string']");
  });

  it('says so when it is given something else', async () => {
    const error = await rejection(manager.verifyUpgrade({} as never));
    expect(error).to.be.an.instanceOf(TypeError);
  });
});

function cookie(): [string, string] {
  return ['Cookie', 'a=b; access_token_cookie=T'];
}

describe('UpgradeRequest', () => {
  function requestOf(
    headers: http.IncomingHttpHeaders,
    more: Partial<Record<'url' | 'socket' | 'rawHeaders', unknown>> = {},
  ): http.IncomingMessage {
    return { headers, ...more } as unknown as http.IncomingMessage;
  }
  function isOwn(host: string | undefined, origin: string, more: object = {}): boolean {
    const headers = { ...(host !== undefined && { host }), origin };
    const request = new UpgradeRequest(requestOf(headers, more), ['https://partner.test']);
    try {
      request.assertOrigin();
      return true;
    } catch (error) {
      expect(error).to.be.instanceOf(CsrfError);
      return false;
    }
  }

  it('reads what a search for a token reads of a request', () => {
    for (const [url, originalUrl, querystring] of [
      [undefined, '/', ''],
      ['/a', '/a', ''],
      ['/a?b=1&c=2', '/a?b=1&c=2', 'b=1&c=2'],
      ['/a?b=1#c?d=2', '/a?b=1#c?d=2', 'b=1'],
      ['/a#b?c=1', '/a#b?c=1', ''],
    ] as const) {
      const request = new UpgradeRequest(requestOf({}, { url }), []);
      expect(request).to.include({ method: 'GET', originalUrl, querystring });
    }
    expect(new UpgradeRequest(requestOf({ host: 'a.test:80' }), []).hostname).to.equal('a.test');
    expect(new UpgradeRequest(requestOf({ host: '[::1]:80' }), []).hostname).to.equal('[::1]');
    for (const host of [undefined, '', 'a b', 'a/b'])
      expect(new UpgradeRequest(requestOf({ ...(host !== undefined && { host }) }), []).hostname).to.equal(
        '',
      );
  });

  it('takes requests of node:http only', () => {
    for (const nothing of [undefined, {}, { headers: 'a' }])
      expect(() => new UpgradeRequest(nothing as never, [])).to.throw(
        TypeError,
        'verifyUpgrade takes a request of node:http, such as socket.request of socket.io',
      );
  });

  for (const [host, origin, isAllowed] of [
    ['a.test', 'https://a.test', true],
    ['a.test', 'http://a.test', true],
    ['a.test:8443', 'https://a.test:8443', true],
    ['a.test:443', 'https://a.test', true],
    ['a.test', 'https://b.test', false],
    ['a.test', 'https://partner.test', true],
    ['a.test', 'app://a.test', false],
    ['a.test', 'null', false],
    ['a.test/x', 'https://a.test', false],
    ['x@a.test', 'https://a.test', false],
    ['a.test?', 'https://a.test', false],
    ['[', 'https://a.test', false],
    [undefined, 'https://a.test', false],
    [undefined, 'https://partner.test', true],
  ] as const) {
    it(`${isAllowed ? 'lets in' : 'refuses'} a page of ${origin} at the host ${String(host)}`, () => {
      expect(isOwn(host, origin)).to.equal(isAllowed);
    });
  }

  it('refuses two hosts, and two origins', () => {
    const host = { rawHeaders: ['Host', 'a.test', 'Host', 'b.test'] };
    expect(isOwn('a.test', 'https://a.test', host)).to.equal(false);
    const origin = { rawHeaders: ['Origin', 'https://a.test', 'Origin', 'https://b.test'] };
    expect(isOwn('a.test', 'https://a.test', origin)).to.equal(false);
  });

  it('takes a page without TLS for one of its own only on a connection without it', () => {
    for (const [encrypted, origin, isAllowed] of [
      [true, 'https://a.test', true],
      [true, 'http://a.test', false],
      [false, 'http://a.test', true],
    ] as const)
      expect(isOwn('a.test', origin, { socket: { encrypted } }), `${encrypted} ${origin}`).to.equal(
        isAllowed,
      );
  });
});

describe('upgradePolicyFrom(options)', () => {
  it('takes a list of origins as browsers send them, and nothing else', () => {
    for (const origins of [
      [],
      ['https://a.test'],
      ['http://a.test:8080', 'app://a', 'capacitor://localhost'],
    ])
      expect(upgradePolicyFrom({ origins })).to.include({ demand: 'required', tokenType: 'access' });
    for (const origins of [
      'https://a.test',
      ['https://a.test', 'nonsense'],
      ['https://a.test/'],
      ['https://A.test'],
      ['https://a.test:443'],
      ['https://*.test'],
      ['https://['],
      ['app://a/path'],
      ['1app://a'],
      ['xAPP://a'],
      ['null'],
      [['app://a']],
      [7],
    ])
      expect(() => upgradePolicyFrom({ origins } as never), String(origins)).to.throw(
        JwtConfigurationError,
        "Option origins must be a list of origins as browsers send them, such as ['https://app.example.com']",
      );
  });

  it('lists all problems, one a line, and takes no body', () => {
    expect(() => upgradePolicyFrom({ fresh: 1, refresh: 1 } as never)).to.throw(
      JwtConfigurationError,
      /^Option fresh .*\nOption refresh /,
    );
    expect(() => upgradePolicyFrom({ locations: ['headers', 'json'] })).to.throw(
      JwtConfigurationError,
      'Option locations must do without json: an upgrade request has no body',
    );
  });
});
