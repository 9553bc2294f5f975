import { expect } from 'chai';
import {
  Authorized,
  Controller,
  Get,
  JsonController,
  type RoutingControllersOptions,
} from 'routing-controllers';
import { Service } from 'typedi';
import {
  authorizationChecker,
  FreshJwtRequired,
  JwtManager,
  JwtRequired,
  RefreshJwtRequired,
  TokenInBlocklistLoader,
  UserLoader,
  type VerifiedEvent,
} from '../../src/index';
import { claimsOf, forge, hmac, now } from '../support/forge';
import { expectNothingTold } from '../support/Gate';
import { SECRET } from '../support/secret';
import { bearer, provide, serve, type Server } from '../support/Server';

let ran = 0;

@Service()
@TokenInBlocklistLoader()
class Blocklist {
  load({ payload }: VerifiedEvent): boolean {
    return payload.jti === 'revoked';
  }
}

@Service()
@UserLoader()
class Users {
  load({ payload }: VerifiedEvent): object | null {
    return payload.sub === 'nobody' ? null : { name: payload.sub };
  }
}

@Service()
@JsonController('/json')
class JsonAnswers {
  @Get('/protected')
  @JwtRequired()
  protected(): object {
    return { ran: ++ran };
  }

  @Get('/fresh')
  @FreshJwtRequired()
  fresh(): object {
    return { ran: ++ran };
  }

  @Get('/refresh')
  @RefreshJwtRequired()
  refresh(): object {
    return { ran: ++ran };
  }

  @Get('/admin')
  @JwtRequired()
  @Authorized('admin')
  admin(): object {
    return { ran: ++ran };
  }

  @Get('/authorized')
  @Authorized()
  authorized(): object {
    return { ran: ++ran };
  }
}

@Service()
@Controller('/text')
class TextAnswers {
  @Get('/protected')
  @JwtRequired()
  protected(): string {
    return String(++ran);
  }

  @Get('/authorized')
  @Authorized()
  authorized(): string {
    return String(++ran);
  }
}

const manager = new JwtManager({ secretKey: SECRET, loaders: [Blocklist, Users] });

interface Refused {
  readonly title: string;
  readonly path?: string;
  readonly headers: () => Record<string, string>;
  readonly status: number;
  /** The error of the challenge; null for a bare one. */
  readonly error: string | null;
}

function withToken(claims: object, signer = hmac()): () => Record<string, string> {
  return () => bearer(forge({ claims: claimsOf({ ...claims }), signer })) as Record<string, string>;
}

const refusals: Refused[] = [
  { title: 'no token', headers: () => ({}), status: 401, error: null },
  { title: 'an empty header', headers: () => ({ authorization: '' }), status: 401, error: null },
  { title: 'another scheme', headers: () => ({ authorization: 'Basic YTpi' }), status: 401, error: null },
  {
    title: 'Bearer alone',
    headers: () => ({ authorization: 'Bearer' }),
    status: 422,
    error: 'invalid_request',
  },
  {
    title: 'two words',
    headers: () => ({ authorization: 'Bearer a b' }),
    status: 422,
    error: 'invalid_request',
  },
  {
    title: 'a non-JWT',
    headers: () => ({ authorization: 'Bearer abc' }),
    status: 422,
    error: 'invalid_token',
  },
  { title: 'a forged token', headers: withToken({}, hmac('x')), status: 422, error: 'invalid_token' },
  {
    title: 'a token that is not valid yet',
    headers: withToken({ nbf: now() + 86_400 }),
    status: 422,
    error: 'invalid_token',
  },
  { title: 'an expired token', headers: withToken({ exp: 1 }), status: 401, error: 'invalid_token' },
  { title: 'a refresh token', headers: withToken({ type: 'refresh' }), status: 422, error: 'invalid_token' },
  {
    title: 'an access token for refreshing',
    path: 'refresh',
    headers: withToken({}),
    status: 422,
    error: 'invalid_token',
  },
  { title: 'a revoked token', headers: withToken({ jti: 'revoked' }), status: 401, error: 'invalid_token' },
  {
    title: 'a token without a jti to look up',
    headers: withToken({ jti: undefined }),
    status: 422,
    error: 'invalid_token',
  },
  { title: 'a user who is gone', headers: withToken({ sub: 'nobody' }), status: 401, error: 'invalid_token' },
  {
    title: 'a token that is not fresh',
    path: 'fresh',
    headers: withToken({}),
    status: 401,
    error: 'insufficient_user_authentication',
  },
  { title: 'no token for @Authorized', path: 'authorized', headers: () => ({}), status: 401, error: null },
  {
    title: 'a forged token for @Authorized',
    path: 'authorized',
    headers: withToken({}, hmac('x')),
    status: 422,
    error: 'invalid_token',
  },
  {
    title: 'an expired token for @Authorized',
    path: 'authorized',
    headers: withToken({ exp: 1 }),
    status: 401,
    error: 'invalid_token',
  },
];

const hosts: [string, RoutingControllersOptions][] = [
  ['in production', { development: false }],
  ['in development', { development: true }],
  ["without routing-controllers' error handler", { defaultErrorHandler: false }],
];

describe('RFC 6750, Bearer Token Usage', () => {
  for (const [host, options] of hosts) {
    describe(host, () => {
      let server: Server;

      before(async () => {
        server = await serve(manager, {
          controllers: [JsonAnswers, TextAnswers],
          authorizationChecker,
          ...options,
        });
      });
      after(() => server.close());
      beforeEach(() => {
        provide(manager);
        ran = 0;
      });

      for (const { title, path = 'protected', headers, status, error } of refusals) {
        it(`§3.1: answers ${title} with ${status}${error === null ? ' and no error code' : ` ${error}`}`, async () => {
          const sent = headers();
          const answer = await server.send(`/json/${path}`, { headers: sent });
          expect(answer.status, answer.text).to.equal(status);
          const challenge = answer.headers['www-authenticate'];
          if (error === null) expect(challenge).to.equal('Bearer');
          else
            expect(challenge).to.match(
              new RegExp(`^Bearer error="${error}", error_description="[ -!#-\\[\\]-~]+"$`),
            );
          expect(ran).to.equal(0);
          expectNothingTold(answer, JSON.stringify(sent));
          const honest = await server.get(`/json/protected`, await manager.createAccessToken('alice'));
          expect(honest.json).to.deep.equal({ ran: 1 });
          expect(honest.headers).to.not.have.property('www-authenticate');
        });
      }

      for (const path of ['/text/protected', '/text/authorized']) {
        it(`shows no stack at ${path}, which answers text`, async () => {
          for (const sent of [{}, withToken({}, hmac('x'))(), withToken({ exp: 1 })()]) {
            const answer = await server.send(path, { headers: sent });
            expect(answer.status).to.be.oneOf([401, 422]);
            expect(answer.headers['www-authenticate']).to.match(/^Bearer/);
            expectNothingTold(answer, JSON.stringify(sent));
          }
          expect(ran).to.equal(0);
          const honest = await server.get(path, await manager.createAccessToken('alice'));
          expect(honest.text).to.equal('1');
        });
      }
    });
  }

  it('§3.1: answers a missing role with 403 insufficient_scope', async () => {
    const server = await serve(manager, {
      controllers: [JsonAnswers],
      authorizationChecker,
      development: false,
    });
    try {
      ran = 0;
      const sent = withToken({ roles: ['user'] })();
      const answer = await server.send('/json/admin', { headers: sent });
      expect(answer.status, answer.text).to.equal(403);
      expect(answer.headers['www-authenticate']).to.equal(
        'Bearer error="insufficient_scope", error_description="Access is denied"',
      );
      expectNothingTold(answer, JSON.stringify(sent));
      expect(ran).to.equal(0);
      const admin = await server.send('/json/admin', { headers: withToken({ roles: ['admin'] })() });
      expect(admin.json).to.deep.equal({ ran: 1 });
    } finally {
      await server.close();
    }
  });

  it('§2.1: accepts the scheme in any case (RFC 9110 §11.1)', async () => {
    const server = await serve(manager, { controllers: [JsonAnswers], authorizationChecker });
    try {
      const token = await manager.createAccessToken('alice');
      for (const scheme of ['Bearer', 'bearer', 'BEARER', 'bEaReR']) {
        const answer = await server.send('/json/protected', {
          headers: { authorization: `${scheme} ${token}` },
        });
        expect(answer.status).to.equal(200);
      }
    } finally {
      await server.close();
    }
  });

  it('§2: accepts a token only in the configured location', async () => {
    const server = await serve(manager, { controllers: [JsonAnswers], authorizationChecker });
    try {
      ran = 0;
      const token = await manager.createAccessToken('alice');
      const body = JSON.stringify({ access_token: token, jwt: token });
      const places: [string, Record<string, string>, string?][] = [
        [`?access_token=${token}&jwt=${token}`, {}],
        ['', { cookie: `access_token_cookie=${token}; access_token=${token}; jwt=${token}` }],
        [
          '',
          {
            'x-access-token': token,
            'proxy-authorization': `Bearer ${token}`,
            'x-authorization': `Bearer ${token}`,
          },
        ],
        ['', { 'content-type': 'application/json', 'content-length': String(body.length) }, body],
      ];
      for (const [query, headers, content] of places) {
        const answer = await server.send(`/json/protected${query}`, {
          headers,
          ...(content && { body: content }),
        });
        expect(answer.json).to.deep.equal({ msg: 'Missing Authorization Header' });
        expect(answer.status).to.equal(401);
      }
      expect(ran).to.equal(0);
    } finally {
      await server.close();
    }
  });
});
