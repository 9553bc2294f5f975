import { expect } from 'chai';
import Koa from 'koa';
import { Service } from 'typedi';
import {
  ClaimsVerificationFailedLoader,
  ClaimsVerificationLoader,
  ExpiredTokenLoader,
  InvalidTokenLoader,
  jwtGuard,
  JwtManager,
  NeedsFreshTokenLoader,
  RevokedTokenLoader,
  TokenInBlocklistLoader,
  UnauthorizedLoader,
  UserLoader,
  UserLoaderErrorLoader,
  type Constructor,
  type JwtAnswer,
  type RefusedEvent,
  type RefusedTokenEvent,
  type VerifiedEvent,
} from '../../src/index';
import { expiredToken } from '../support/expiredToken';
import { expectRefused } from '../support/refused';
import { SECRET } from '../support/secret';
import { provide, Server, type Answer } from '../support/Server';

/** Answers with everything that it received. */
abstract class Telling {
  load(event: RefusedEvent | RefusedTokenEvent): Promise<JwtAnswer> {
    const { context, error, ...rest } = event;
    return Promise.resolve({
      status: 418,
      body: { loader: this.constructor.name, code: error.code, path: context.path, ...rest },
      headers: { 'X-Loader': 'yes', 'Set-Cookie': ['a=1', 'b=2'] },
    });
  }
}

@Service()
@ExpiredTokenLoader()
class TellExpired extends Telling {}
@Service()
@InvalidTokenLoader()
class TellInvalid extends Telling {}
@Service()
@UnauthorizedLoader()
class TellUnauthorized extends Telling {}
@Service()
@NeedsFreshTokenLoader()
class TellStale extends Telling {}
@Service()
@RevokedTokenLoader()
class TellRevoked extends Telling {}
@Service()
@UserLoaderErrorLoader()
class TellNoUser extends Telling {}
@Service()
@ClaimsVerificationFailedLoader()
class TellClaims extends Telling {}

@Service()
@UserLoader()
class KnownUsers {
  load({ identity }: VerifiedEvent): unknown {
    return Object.hasOwn(NOBODIES, String(identity)) ? NOBODIES[String(identity)] : { name: identity };
  }
}

/** What a user loader may return for an identity without a user, such as `user.active && user`. */
const NOBODIES: Readonly<Record<string, unknown>> = {
  nobody: undefined,
  nothing: null,
  false: false,
  zero: 0,
  empty: '',
  nan: NaN,
};
@Service()
@TokenInBlocklistLoader()
class Blocklist {
  load({ payload }: VerifiedEvent): boolean {
    return payload['revoked'] === true;
  }
}
@Service()
@ClaimsVerificationLoader()
class Verification {
  load({ payload }: VerifiedEvent): boolean {
    return payload['bad'] !== true;
  }
}

const CHECKS = [KnownUsers, Blocklist, Verification];
const tokens = new JwtManager({ secretKey: SECRET, loaders: [] });

interface Refusal {
  readonly token: () => Promise<string | undefined>;
  readonly loader: Constructor;
  readonly code: string;
  readonly status: number;
  readonly msg: string;
  readonly error?: string;
}

const withClaims = (additionalClaims: Record<string, unknown>, identity = 'alice') =>
  tokens.createAccessToken(identity, { additionalClaims, fresh: true });

const REFUSALS: Refusal[] = [
  {
    token: async () => undefined,
    loader: TellUnauthorized,
    code: 'ERR_JWT_MISSING',
    status: 401,
    msg: 'Missing Authorization Header',
  },
  {
    token: async () => 'x',
    loader: TellInvalid,
    code: 'ERR_JWT_INVALID',
    status: 422,
    msg: 'Not enough segments',
    error: 'invalid_token',
  },
  {
    token: () => tokens.createRefreshToken('alice'),
    loader: TellInvalid,
    code: 'ERR_JWT_WRONG_TYPE',
    status: 422,
    msg: 'Only non-refresh tokens are allowed',
    error: 'invalid_token',
  },
  {
    token: () => expiredToken(tokens, { fresh: true }),
    loader: TellExpired,
    code: 'ERR_JWT_EXPIRED',
    status: 401,
    msg: 'Token has expired',
    error: 'invalid_token',
  },
  {
    token: () => tokens.createAccessToken('alice'),
    loader: TellStale,
    code: 'ERR_JWT_NOT_FRESH',
    status: 401,
    msg: 'Fresh token required',
    error: 'insufficient_user_authentication',
  },
  {
    token: () => withClaims({ revoked: true }),
    loader: TellRevoked,
    code: 'ERR_JWT_REVOKED',
    status: 401,
    msg: 'Token has been revoked',
    error: 'invalid_token',
  },
  {
    token: () => withClaims({ bad: true }),
    loader: TellClaims,
    code: 'ERR_JWT_CLAIMS',
    status: 400,
    msg: 'User claims verification failed',
    error: 'invalid_token',
  },
  {
    token: () => withClaims({}, 'nobody'),
    loader: TellNoUser,
    code: 'ERR_JWT_NO_USER',
    status: 401,
    msg: 'Error loading the user nobody',
    error: 'invalid_token',
  },
];

let ran = 0;

async function serving(loaders: Constructor[], errorMessageKey = 'msg'): Promise<Server> {
  provide(new JwtManager({ secretKey: SECRET, loaders, errorMessageKey }));
  const app = new Koa();
  app.silent = true;
  app.use(jwtGuard({ fresh: true }));
  app.use((ctx) => {
    ran++;
    ctx.body = { user: ctx.state.jwt?.user };
  });
  return Server.of(app);
}

describe('a refusal', () => {
  const servers: Server[] = [];
  const answerTo = async (
    token: string | undefined,
    ...given: Parameters<typeof serving>
  ): Promise<Answer> => {
    const server = await serving(...given);
    servers.push(server);
    return server.get('/some/path', token);
  };
  beforeEach(() => {
    ran = 0;
  });
  afterEach(async () => {
    await Promise.all(servers.splice(0).map((server) => server.close()));
  });

  for (const { token, loader, code, status, msg, error } of REFUSALS) {
    it(`${code} is answered with ${status} ${msg}`, async () => {
      expectRefused(await answerTo(await token(), CHECKS), status, msg, error);
      expect(ran).to.equal(0);
    });

    it(`${code} may be answered by ${loader.name.replace('Tell', 'a loader for ')}, which gets all details`, async () => {
      const encoded = await token();
      const answer = await answerTo(encoded, [...CHECKS, loader]);
      expect(answer.status).to.equal(418);
      expect(answer.headers).to.include({ 'x-loader': 'yes' });
      expect(answer.headers['set-cookie']).to.deep.equal(['a=1', 'b=2']);
      const body = answer.json as Record<string, unknown>;
      expect(body).to.include({ loader: loader.name, code, path: '/some/path' });
      if (loader === TellUnauthorized || loader === TellInvalid) {
        expect(body['reason']).to.equal(msg);
        expect(body).not.to.have.any.keys('payload', 'header', 'identity');
      } else {
        const payload = await tokens.decodeToken(String(encoded), { allowExpired: true });
        expect(body).to.deep.include({
          payload,
          identity: payload.sub,
          header: { alg: 'HS256', typ: 'JWT' },
        });
      }
      expect(ran).to.equal(0);
    });
  }

  it('puts the message under the configured key', async () => {
    const answer = await answerTo(undefined, [], 'message');
    expect(answer.json).to.deep.equal({ message: 'Missing Authorization Header' });
  });

  it('does not happen for a user', async () => {
    const { json } = await answerTo(await withClaims({}), CHECKS);
    expect(json).to.deep.equal({ user: { name: 'alice' } });
  });

  for (const name of Object.keys(NOBODIES)) {
    it(`happens for a user loader that returns ${String(NOBODIES[name])}`, async () => {
      ran = 0;
      const answer = await answerTo(await withClaims({}, name), CHECKS);
      expect([answer.status, answer.json, ran]).to.deep.equal([
        401,
        { msg: `Error loading the user ${name}` },
        0,
      ]);
    });
  }

  for (const [what, answer, expected] of [
    ['nothing', {}, [401, 'Missing Authorization Header', 'Bearer']],
    ['another status', { status: 404 }, [404, 'Missing Authorization Header', undefined]],
    ['another 401', { status: 401, body: { msg: 'Log in' } }, [401, 'Log in', 'Bearer']],
    [
      'its own challenge',
      { headers: { 'www-authenticate': 'Bearer realm="x"' } },
      [401, 'Missing Authorization Header', 'Bearer realm="x"'],
    ],
  ] as const) {
    it(`keeps the other defaults if a loader returns ${what}`, async () => {
      @Service()
      @UnauthorizedLoader()
      class Saying {
        load(): JwtAnswer {
          return answer;
        }
      }
      const { status, json, headers } = await answerTo(undefined, [Saying]);
      const { msg } = json as { msg: string };
      expect([status, msg, headers['www-authenticate']]).to.deep.equal(expected);
    });
  }

  it('may be answered with text or without a body', async () => {
    for (const [body, text, type] of [
      ['<p>log in</p>', '<p>log in</p>', 'text/html; charset=utf-8'],
      [null, '', undefined],
    ] as const) {
      @Service()
      @UnauthorizedLoader()
      class Texting {
        load(): JwtAnswer {
          return { status: 401, body };
        }
      }
      const answer = await answerTo(undefined, [Texting]);
      expect([answer.status, answer.text, answer.headers['content-type']]).to.deep.equal([401, text, type]);
    }
  });

  it('becomes an application error if its loader returns no answer', async () => {
    @Service()
    @UnauthorizedLoader()
    class Forgetful {
      load(): JwtAnswer {
        return undefined as unknown as JwtAnswer;
      }
    }
    expect((await answerTo(undefined, [Forgetful])).status).to.equal(500);
    expect(ran).to.equal(0);
  });
});
