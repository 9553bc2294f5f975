import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect } from 'chai';
import {
  All,
  Authorized,
  CurrentUser,
  Delete,
  Get,
  JsonController,
  Method,
  Post,
  UseBefore,
  type RoutingControllersOptions,
} from 'routing-controllers';
import { Service } from 'typedi';
import {
  authorizationChecker,
  currentUserChecker,
  describeRoutes,
  FreshJwtRequired,
  JwtConfigurationError,
  JwtExempt,
  JwtManager,
  JwtOptional,
  JwtRequired,
  RefreshJwtRequired,
  routeTable,
  UserLoader,
  type RouteDescription,
  type VerifiedEvent,
} from '../../src/index';
import { SECRET } from '../support/secret';
import { serve, type Server } from '../support/Server';

class StaffJwtManager extends JwtManager {}

@Service()
@UserLoader()
class AnyUser {
  load({ identity }: VerifiedEvent): object {
    return { identity };
  }
}

abstract class ReadController {
  @Get('/read')
  @JwtRequired()
  read(): object {
    return {};
  }
  @Get('/free')
  free(): object {
    return {};
  }
  @Get('/exempt')
  @JwtExempt()
  exempt(): object {
    return {};
  }
}

@Service()
@JsonController('/articles')
class ArticleController extends ReadController {
  @Post('/write')
  @FreshJwtRequired({ locations: ['headers', 'cookies'] })
  write(): object {
    return {};
  }
  @Get('/optional')
  @JwtOptional()
  optional(): object {
    return {};
  }
  @Get('/one')
  @Get('/two')
  @RefreshJwtRequired({ skipRevocationCheck: true })
  twice(): object {
    return {};
  }
  @All('/all')
  @JwtRequired()
  all(): object {
    return {};
  }
  @Method('propfind', '/method')
  @JwtRequired({ verifyType: false })
  propfind(): object {
    return {};
  }
  @Method('options', '/options')
  @JwtRequired()
  options(): object {
    return {};
  }
}

@Service()
@JsonController('/closed')
@JwtRequired()
class ClosedController extends ReadController {
  @Get()
  root(): object {
    return {};
  }
  @Delete('/exempt/own')
  @JwtExempt()
  ownExempt(): object {
    return {};
  }
}

@Service()
@JsonController('/override')
class OverrideController extends ReadController {
  @Post('/read')
  override read(): object {
    return {};
  }
}

@Service()
@JsonController()
class PlainController {
  @Get('/plain')
  plain(): object {
    return {};
  }
  @Get('/admins')
  @Authorized('admin')
  admins(): object {
    return {};
  }
  @Get('/anyone')
  @Authorized()
  anyone(): object {
    return {};
  }
  @Get('/me')
  me(@CurrentUser({ required: true }) user: object): object {
    return user;
  }
  @Get('/me/maybe')
  maybe(@CurrentUser() user?: object): object {
    return { user };
  }
  @Get(/^\/pattern\/\d$/)
  pattern(): object {
    return {};
  }
}

@Service()
@JsonController('/staff')
@JwtRequired({ manager: StaffJwtManager })
class StaffController {
  @Get()
  list(): object {
    return {};
  }
  @Get('/optional')
  @JwtOptional()
  @Authorized(['boss', 'chief'])
  optional(): object {
    return {};
  }
}

class AuthorizedBase {
  @Get('/lost')
  @Authorized('admin')
  lost(): object {
    return {};
  }
}

@JsonController('/lost')
class LostController extends AuthorizedBase {}

@JsonController('/torn')
@RefreshJwtRequired()
class TornController extends ReadController {}

const OPTIONS: RoutingControllersOptions = {
  routePrefix: '/api',
  controllers: [ArticleController, ClosedController, OverrideController, PlainController],
  authorizationChecker,
  currentUserChecker,
};

function told(routes: readonly RouteDescription[]): string[] {
  return routes.map(
    ({ isOpen, verb, path, controller, method, origin, declaredOn }) =>
      `${isOpen ? 'open' : 'held'} ${verb} ${path} ${controller}.${method} ${[origin, ...declaredOn].join(' ')}`,
  );
}

describe('describeRoutes(options)', () => {
  const ROUTES = [
    'held POST /api/articles/write ArticleController.write method ArticleController.write',
    'open GET /api/articles/optional ArticleController.optional method ArticleController.optional',
    'held GET /api/articles/two ArticleController.twice method ArticleController.twice',
    'held GET /api/articles/one ArticleController.twice method ArticleController.twice',
    'held ALL /api/articles/all ArticleController.all method ArticleController.all',
    'held PROPFIND /api/articles/method ArticleController.propfind method ArticleController.propfind',
    'open OPTIONS /api/articles/options ArticleController.options method ArticleController.options',
    'held GET /api/articles/read ArticleController.read inherited ReadController.read',
    'open GET /api/articles/free ArticleController.free none',
    'open GET /api/articles/exempt ArticleController.exempt exempt ReadController.exempt',
    'held GET /api/closed ClosedController.root class ClosedController',
    'open DELETE /api/closed/exempt/own ClosedController.ownExempt exempt ClosedController.ownExempt',
    'held GET /api/closed/read ClosedController.read class ClosedController ReadController.read',
    'held GET /api/closed/free ClosedController.free class ClosedController',
    'held GET /api/closed/exempt ClosedController.exempt class ClosedController ReadController.exempt',
    'held POST /api/override/read OverrideController.read inherited ReadController.read',
    'open GET /api/override/free OverrideController.free none',
    'open GET /api/override/exempt OverrideController.exempt exempt ReadController.exempt',
    'open GET /api/plain PlainController.plain none',
    'held GET /api/admins PlainController.admins none',
    'held GET /api/anyone PlainController.anyone none',
    'held GET /api/me PlainController.me none',
    'open GET /api/me/maybe PlainController.maybe none',
    'open GET /^\\/api^\\/pattern\\/\\d$\\/?$/ PlainController.pattern none',
  ];

  it('lists every action with its policy and where that comes from, before a server and after', async () => {
    expect(told(describeRoutes(OPTIONS))).to.have.members(ROUTES);
    const server = await served();
    await server.close();
    expect(told(describeRoutes(OPTIONS))).to.have.members(ROUTES);
  });

  it('says of each route what a request without a token meets', async () => {
    const server = await served();
    const met: Record<string, number[]> = { open: [], held: [] };
    for (const { verb, path, isOpen } of describeRoutes(OPTIONS)) {
      if (!path.startsWith('/api')) continue;
      const verbs = verb === 'ALL' ? ['GET', 'PUT', 'DELETE', 'PATCH'] : [verb];
      for (const method of verbs) {
        const { status } = await server.send(path, { method });
        met[isOpen ? 'open' : 'held']?.push(status);
      }
    }
    await server.close();
    expect(new Set(met['open'])).to.deep.equal(new Set([200]));
    expect(new Set(met['held'])).to.deep.equal(new Set([401]));
    expect(met['open']).to.have.length(9);
    expect(met['held']).to.have.length(17);
  });

  it('names the manager, and the roles of @Authorized', () => {
    const [list, optional] = describeRoutes({ controllers: [StaffController] });
    expect(list?.policy).to.include({ manager: StaffJwtManager, demand: 'required' });
    expect(optional).to.deep.include({ roles: ['boss', 'chief'], isOpen: false });
    expect(optional?.policy).to.include({ manager: StaffJwtManager, demand: 'optional' });
  });

  it('takes the default of required parameters from the server', () => {
    @JsonController('/required')
    class RequiredController {
      @Get()
      me(@CurrentUser() user: object): object {
        return user;
      }
    }
    const controllers = [RequiredController];
    const defaults = { paramOptions: { required: true } };
    expect(describeRoutes({ controllers })[0]?.isOpen).to.equal(true);
    expect(describeRoutes({ controllers, defaults })[0]?.isOpen).to.equal(false);
  });

  it('takes the middlewares of an application for what they are: unknown', () => {
    @JsonController('/own')
    class OwnController {
      @Get()
      @UseBefore(() => undefined)
      own(): object {
        return {};
      }
    }
    expect(told(describeRoutes({ controllers: [OwnController] }))).to.deep.equal([
      'open GET /own OwnController.own none',
    ]);
  });

  it('throws where the server would refuse to start', () => {
    expect(() => describeRoutes({ controllers: [LostController] })).to.throw(
      JwtConfigurationError,
      'drops @Authorized of AuthorizedBase for LostController.lost',
    );
    expect(() => describeRoutes({ controllers: [TornController] })).to.throw(
      JwtConfigurationError,
      'contradict each other for TornController.read',
    );
  });

  it('throws for a pattern of files, which only the server imports', () => {
    expect(() => describeRoutes({ controllers: [`${__dirname}/*.js`] })).to.throw(
      JwtConfigurationError,
      'create the server first, and leave the option out here',
    );
  });

  it('knows requireJwtByDefault()', async () => {
    const child = fork(join(__dirname, 'fixtures/default.program.js'));
    const [{ before, after, table }] = (await once(child, 'message')) as [Record<string, string[]>];
    const expected = [
      'GET /bare default BareController []',
      'GET /bare/exempt exempt BareController ["BareController.exempt"]',
      'GET /bare/optional method BareController ["BareController.optional"]',
    ];
    expect(before).to.have.members(expected);
    expect(after).to.have.members(expected);
    expect(table).to.match(
      / \/bare +BareController.action +access token of JwtManager +requireJwtByDefault\(\)/,
    );
  });

  function served(): Promise<Server> {
    return serve(new JwtManager({ secretKey: SECRET, loaders: [AnyUser] }), OPTIONS);
  }
});

describe('routeTable(routes)', () => {
  it('prints what each route demands, and marks the open ones', () => {
    const controllers = [ArticleController, StaffController, PlainController];
    const lines = routeTable(describeRoutes({ controllers })).trimEnd().split('\n');
    expect(lines.map((line) => line.trim().replace(/ {2,}/g, ' | '))).to.deep.equal([
      'VERB | PATH | ACTION | DEMANDS | FROM',
      'open | GET | /^\\/pattern\\/\\d$/ | PlainController.pattern | nothing | no decorator',
      "GET | /admins | PlainController.admins | @Authorized('admin') | routing-controllers",
      'GET | /anyone | PlainController.anyone | @Authorized() | routing-controllers',
      'ALL | /articles/all | ArticleController.all | access token | on the method',
      'open | GET | /articles/exempt | ArticleController.exempt | nothing | @JwtExempt() inherited from ReadController.exempt',
      'open | GET | /articles/free | ArticleController.free | nothing | no decorator',
      'PROPFIND | /articles/method | ArticleController.propfind | access or refresh token | on the method',
      'GET | /articles/one | ArticleController.twice | refresh token, revoked or not | on the method',
      'open | GET | /articles/optional | ArticleController.optional | optional access token | on the method',
      'open | OPTIONS | /articles/options | ArticleController.options | access token, but guards let OPTIONS pass | on the method',
      'GET | /articles/read | ArticleController.read | access token | inherited from ReadController.read',
      'GET | /articles/two | ArticleController.twice | refresh token, revoked or not | on the method',
      'POST | /articles/write | ArticleController.write | fresh access token in headers or cookies | on the method',
      'GET | /me | PlainController.me | @CurrentUser, required | routing-controllers',
      'open | GET | /me/maybe | PlainController.maybe | nothing | no decorator',
      'open | GET | /plain | PlainController.plain | nothing | no decorator',
      'GET | /staff | StaffController.list | access token of StaffJwtManager | on the class',
      "GET | /staff/optional | StaffController.optional | optional access token of StaffJwtManager and @Authorized('boss', 'chief') | on the method",
      '',
      '18 routes, 7 of them open: a request without a token gets to the action',
    ]);
    // Columns are aligned.
    expect(new Set(lines.slice(0, -2).map((line) => line.search(/\w+(?:\.\w+| +DEMANDS)/)))).to.have.property(
      'size',
      1,
    );
  });
});

@Service()
@JsonController('/reset')
class ResetController {
  @Post()
  @JwtRequired({ purpose: 'password-reset', singleUse: true, locations: ['query_string'] })
  save(): object {
    return {};
  }
}

describe('routeTable(routes) of actions that demand a purpose', () => {
  it('names it, and says that the token is used up', () => {
    const routes = describeRoutes({ controllers: [ResetController] });
    expect(routes.map(({ isOpen }) => isOpen)).to.deep.equal([false]);
    expect(routeTable(routes)).to.include('token for the purpose password-reset in query_string, used up');
  });
});
