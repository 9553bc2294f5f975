import { expect } from 'chai';
import { Authorized, CurrentUser, Get, JsonController, type Action } from 'routing-controllers';
import { Service } from 'typedi';
import {
  authorizationChecker,
  authorizationCheckerWith,
  currentUserChecker,
  JwtManager,
  JwtOptional,
  JwtRequired,
  RefreshJwtRequired,
  UserLoader,
  type JwtOptions,
  type UserLoaderInterface,
  type VerifiedEvent,
} from '../../src/index';
import { refuseAnonymous } from '../../src/guard/checkers';
import { sampleContext } from '../../src/openapi/sampleContext';
import { expectRefused } from '../support/refused';
import { rejection } from '../support/rejection';
import { SECRET } from '../support/secret';
import { provide, serve, type Server } from '../support/Server';

@Service()
@UserLoader()
class NameLoader implements UserLoaderInterface {
  load({ identity }: VerifiedEvent): object {
    return { name: identity };
  }
}

let ran = 0;

@Service()
@JsonController('/checked')
class CheckedController {
  @Get('/user')
  user(@CurrentUser() user?: object): object {
    return { user: user ?? null };
  }
  @Get('/user-required')
  userRequired(@CurrentUser({ required: true }) user: object): object {
    ran++;
    return { user };
  }
  @Get('/optional-user-required')
  @JwtOptional()
  optionalUserRequired(@CurrentUser({ required: true }) user: object): object {
    ran++;
    return { user };
  }
  @Get('/refresh-user')
  @RefreshJwtRequired()
  refreshUser(@CurrentUser({ required: true }) user: object): object {
    return { user };
  }
  @Get('/authorized')
  @Authorized()
  authorized(): object {
    ran++;
    return {};
  }
  @Get('/optional-authorized')
  @JwtOptional()
  @Authorized()
  optionalAuthorized(): object {
    ran++;
    return {};
  }
  @Get('/admin')
  @JwtRequired()
  @Authorized('admin')
  admin(): object {
    ran++;
    return {};
  }
  @Get('/staff')
  @Authorized(['admin', 'editor'])
  staff(): object {
    ran++;
    return {};
  }
}

function serving(
  options: JwtOptions = {},
  checker: (action: Action, roles: string[]) => Promise<boolean> = authorizationChecker,
): Promise<Server> {
  return serve(new JwtManager({ secretKey: SECRET, loaders: [NameLoader], ...options }), {
    controllers: [CheckedController],
    authorizationChecker: checker,
    currentUserChecker,
    development: false,
  });
}

const tokens = new JwtManager({ secretKey: SECRET, loaders: [] });
const withRoles = (roles: unknown): Promise<string> =>
  tokens.createAccessToken('alice', { additionalClaims: { roles } });

describe('currentUserChecker', () => {
  let server: Server;
  before(async () => {
    server = await serving();
  });
  after(() => server.close());
  beforeEach(() => {
    ran = 0;
  });

  it('gives @CurrentUser() the user of the token, with or without a guard', async () => {
    const user = { name: 'alice' };
    const token = await tokens.createAccessToken('alice');
    for (const path of ['/user', '/user-required', '/optional-user-required']) {
      expect((await server.get(`/checked${path}`, token)).json, path).to.deep.equal({ user });
    }
  });

  it('uses the token that the guard accepted, even a refresh token', async () => {
    const answer = await server.get('/checked/refresh-user', await tokens.createRefreshToken('alice'));
    expect(answer.json).to.deep.equal({ user: { name: 'alice' } });
  });

  it('finds no user without a token, and answers with a challenge if one is required', async () => {
    expect((await server.get('/checked/user')).json).to.deep.equal({ user: null });
    for (const path of ['/user-required', '/optional-user-required']) {
      const answer = await server.get(`/checked${path}`);
      expect([answer.status, answer.headers['www-authenticate']], path).to.deep.equal([401, 'Bearer']);
    }
    expect(ran).to.equal(0);
  });

  it('never uses an invalid token, with or without a guard', async () => {
    const forged = await new JwtManager({ secretKey: SECRET.toUpperCase(), loaders: [] }).createAccessToken(
      'eve',
    );
    for (const path of ['/user', '/user-required', '/optional-user-required']) {
      const answer = await server.get(`/checked${path}`, forged);
      expectRefused(answer, 422, 'Signature verification failed', 'invalid_token');
    }
    expect(ran).to.equal(0);
  });

  it('asks for a user loader if there is none', async () => {
    const bare = await serving({ loaders: [] });
    const answer = await bare.get('/checked/user', await tokens.createAccessToken('alice'));
    expect(answer.status).to.equal(500);
    expect(answer.text).to.contain('register a class with @UserLoader()');
    await bare.close();
  });
});

describe('authorizationChecker', () => {
  let server: Server;
  before(async () => {
    server = await serving();
  });
  after(() => server.close());
  beforeEach(() => {
    ran = 0;
  });

  it('requires a token for @Authorized(), and answers like the guard', async () => {
    for (const path of ['/authorized', '/optional-authorized', '/admin']) {
      expectRefused(await server.get(`/checked${path}`), 401, 'Missing Authorization Header');
    }
    expect(ran).to.equal(0);
    const token = await tokens.createAccessToken('alice');
    for (const path of ['/authorized', '/optional-authorized']) {
      expect((await server.get(`/checked${path}`, token)).status).to.equal(200);
    }
  });

  for (const [roles, admin, staff] of [
    [['admin'], 200, 200],
    ['admin', 200, 200],
    [['reader', 'editor'], 403, 200],
    [['Admin', 'administrator'], 403, 403],
    ['not admin', 403, 403],
    [{ admin: true }, 403, 403],
    [[['admin']], 403, 403],
    [[], 403, 403],
    [null, 403, 403],
  ] as const) {
    it(`answers the roles ${JSON.stringify(roles)} with ${admin} for admin, ${staff} for staff`, async () => {
      const token = await withRoles(roles);
      for (const [path, status] of [
        ['/admin', admin],
        ['/staff', staff],
      ] as const) {
        const answer = await server.get(`/checked${path}`, token);
        if (status === 403) expectRefused(answer, 403, 'Access is denied', 'insufficient_scope');
        else expect(answer.status).to.equal(200);
      }
      expect(ran).to.equal([admin, staff].filter((status) => status === 200).length);
    });
  }

  it('answers 403 even if the default error handler is off', async () => {
    const bare = await serve(new JwtManager({ secretKey: SECRET, loaders: [] }), {
      controllers: [CheckedController],
      authorizationChecker,
      defaultErrorHandler: false,
    });
    const answer = await bare.get('/checked/admin', await withRoles([]));
    expect([answer.status, answer.text]).to.deep.equal([403, 'Access is denied']);
    expect(answer.headers['www-authenticate']).to.match(/^Bearer error="insufficient_scope", /);
    await bare.close();
  });

  it('reads the roles from the claim that rolesClaim names', async () => {
    const named = await serving({ rolesClaim: 'https://example.com/groups' });
    const additionalClaims = { 'https://example.com/groups': ['admin'] };
    const token = await tokens.createAccessToken('alice', { additionalClaims });
    expect((await named.get('/checked/admin', token)).status).to.equal(200);
    expect((await named.get('/checked/admin', await withRoles(['admin']))).status).to.equal(403);
    await named.close();
  });

  for (const rolesClaim of ['scope', 'scp']) {
    it(`splits ${rolesClaim} at its spaces (RFC 8693 §4.2)`, async () => {
      const scoped = await serving({ rolesClaim });
      for (const [held, status] of [
        ['read admin write', 200],
        ['admin', 200],
        [['read', 'admin'], 200],
        [['read admin'], 403],
        ['read', 403],
        ['administer xadmin', 403],
        ['read\tadmin', 403],
        ['', 403],
        [' ', 403],
      ] as const) {
        const token = await tokens.createAccessToken('alice', { additionalClaims: { [rolesClaim]: held } });
        expect((await scoped.get('/checked/admin', token)).status, JSON.stringify(held)).to.equal(status);
      }
      await scoped.close();
    });
  }

  it('does not split a role that has a space in its name', async () => {
    expect((await server.get('/checked/admin', await withRoles('no admin'))).status).to.equal(403);
  });
});

describe('authorizationCheckerWith(check)', () => {
  it("asks the application's own check, and accepts only true", async () => {
    for (const [verdict, status] of [
      [true, 200],
      [false, 403],
      [1, 403],
      [[], 403],
      [undefined, 403],
    ] as const) {
      const seen: unknown[] = [];
      const server = await serving(
        {},
        authorizationCheckerWith(async (state, roles) => {
          seen.push(state.identity, state.user, roles);
          return verdict as boolean;
        }),
      );
      const token = await tokens.createAccessToken('alice');
      expect((await server.get('/checked/admin', token)).status).to.equal(status);
      expect(seen).to.deep.equal(['alice', { name: 'alice' }, ['admin']]);
      expect((await server.get('/checked/authorized', token)).status).to.equal(200);
      await server.close();
    }
  });
});

describe('A checker that is called', () => {
  function actionOf(verb: string, token?: string): Action {
    const context = sampleContext(verb, '/');
    if (token !== undefined) context.req.headers.authorization = `Bearer ${token}`;
    return { context, request: context.request, response: context.response };
  }
  const managerOf = (options: JwtOptions = {}): JwtManager => {
    const manager = new JwtManager({ secretKey: SECRET, loaders: [NameLoader], ...options });
    provide(manager);
    return manager;
  };

  it('finds nobody in a CORS preflight, which has no credentials', async () => {
    managerOf();
    expect(await currentUserChecker(actionOf('OPTIONS'))).to.equal(undefined);
    expect(await authorizationChecker(actionOf('OPTIONS'), [])).to.equal(false);
    expect(await authorizationChecker(actionOf('OPTIONS'), ['admin'])).to.equal(false);
  });

  it('demands a token for nobody, and takes the same answer for everybody afterwards', async () => {
    const manager = managerOf();
    const anonymous = actionOf('GET');
    expect(await currentUserChecker(anonymous)).to.equal(undefined);
    expect((await rejection(refuseAnonymous(anonymous))).code).to.equal('ERR_JWT_MISSING');
    const alice = actionOf('GET', await manager.createAccessToken('alice'));
    expect(await currentUserChecker(alice)).to.deep.equal({ name: 'alice' });
    await refuseAnonymous(alice);
  });

  it('asks nobody for a token whom no checker has looked for', async () => {
    managerOf();
    await refuseAnonymous(actionOf('GET'));
  });

  for (const [rolesClaim, held, isLetIn] of [
    ['scope', 'read admin', true],
    ['scp', 'read admin', true],
    ['roles', 'read admin', false],
    ['roles', 'admin', true],
    ['roles', ['read', 'admin'], true],
    ['scope', ['admin'], true],
    ['scope', 7, false],
    ['scope', null, false],
    ['roles', 7, false],
    ['roles', undefined, false],
    ['toString', undefined, false],
  ] as const) {
    it(`${isLetIn ? 'finds' : 'misses'} a role in ${rolesClaim}: ${JSON.stringify(held)}`, async () => {
      const manager = managerOf({ rolesClaim });
      const additionalClaims = { [rolesClaim]: held };
      const action = actionOf('GET', await manager.createAccessToken('alice', { additionalClaims }));
      const checked = authorizationChecker(action, ['admin']);
      if (isLetIn) expect(await checked).to.equal(true);
      else expect((await rejection(checked)).code).to.equal('ERR_JWT_FORBIDDEN');
    });
  }
});
