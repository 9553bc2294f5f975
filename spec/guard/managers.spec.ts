import { expect } from 'chai';
import Koa from 'koa';
import {
  Authorized,
  createKoaServer,
  Ctx,
  CurrentUser,
  Get,
  JsonController,
  Post,
  useContainer,
  type Action,
} from 'routing-controllers';
import { Container, Service } from 'typedi';
import {
  authorizationChecker,
  currentUserChecker,
  DecodeKeyLoader,
  FreshJwtRequired,
  JwtConfigurationError,
  JwtCurrentUser,
  JwtExempt,
  jwtGuard,
  JwtIdentity,
  JwtManager,
  JwtOptional,
  JwtRequired,
  MemoryRevocationStore,
  RefreshJwtRequired,
  serveJwks,
  UserLoader,
  type VerifiedEvent,
} from '../../src/index';
import { forge, hmac } from '../support/forge';
import { expectRefused } from '../support/refused';
import { rejection } from '../support/rejection';
import { SECRET } from '../support/secret';
import { bearer, provide, serve, Server } from '../support/Server';
import { Warnings } from '../support/Warnings';

class PartnerJwtManager extends JwtManager {}
class StrangerJwtManager extends JwtManager {}

@Service()
@UserLoader()
class PartnerLoader {
  load({ identity }: VerifiedEvent): object {
    return { partner: identity };
  }
}

const users = new JwtManager({
  secretKey: SECRET,
  loaders: [],
  revocationStore: new MemoryRevocationStore(),
});
const partners = new PartnerJwtManager({
  secretKey: 'the secret of partners, which users must not have',
  rolesClaim: 'scopes',
  errorMessageKey: 'error',
  loaders: [PartnerLoader],
  revocationStore: new MemoryRevocationStore(),
});

@Service()
@JsonController('/shop')
class ShopController {
  @Get('/user')
  @JwtRequired()
  user(@JwtIdentity() identity: string): object {
    return { identity };
  }

  @Get('/partner')
  @JwtRequired({ manager: PartnerJwtManager })
  partner(@JwtIdentity() identity: string, @JwtCurrentUser() user: object): object {
    return { identity, user };
  }

  @Get('/partner/fresh')
  @FreshJwtRequired({ manager: PartnerJwtManager })
  fresh(@JwtIdentity() identity: string): object {
    return { identity };
  }

  @Get('/partner/optional')
  @JwtOptional({ manager: PartnerJwtManager })
  optional(@JwtIdentity() identity?: string): object {
    return { identity: identity ?? null };
  }

  @Get('/partner/user')
  @JwtRequired({ manager: PartnerJwtManager })
  currentUser(@CurrentUser() user: object): object {
    return user;
  }

  @Get('/partner/admin')
  @JwtRequired({ manager: PartnerJwtManager })
  @Authorized('admin')
  admin(): object {
    return { isAdmin: true };
  }

  @Post('/partner/refresh')
  @RefreshJwtRequired({ manager: PartnerJwtManager })
  refresh(@Ctx() ctx: Koa.Context): Promise<object> {
    return partners.rotate(ctx);
  }

  @Post('/partner/refresh-as-user')
  @RefreshJwtRequired({ manager: PartnerJwtManager })
  refreshAsUser(@Ctx() ctx: Koa.Context): Promise<object> {
    return users.rotate(ctx);
  }

  @Get('/nobody')
  @JwtRequired({ manager: StrangerJwtManager })
  nobody(): object {
    return {};
  }
}

/** A class that names the manager for all of its methods. */
@Service()
@JwtRequired({ manager: PartnerJwtManager })
@JsonController('/partners')
class PartnersController {
  @Get('/plain')
  plain(): object {
    return {};
  }
  @Get('/fresh')
  @FreshJwtRequired()
  fresh(): object {
    return {};
  }
  @Get('/users')
  @JwtRequired({ manager: JwtManager })
  users(): object {
    return {};
  }
  @Get('/open')
  @JwtExempt()
  open(): object {
    return {};
  }
}

/** A class that names the manager but guards nothing. */
@Service()
@JwtRequired({ manager: PartnerJwtManager })
@JsonController('/partners')
class OpenController {
  @Get('/open/admin')
  @JwtExempt()
  @Authorized('admin')
  openAdmin(): object {
    return {};
  }
  @Get('/open/user')
  @JwtExempt()
  openUser(@CurrentUser() user?: object): object {
    return user ?? {};
  }
}

@Service()
@JsonController('/inherited')
class InheritedController extends PartnersController {
  @Get('/own')
  @JwtOptional()
  own(): object {
    return {};
  }
}

describe('Several managers', () => {
  let server: Server;

  before(async () => {
    Container.set(PartnerJwtManager, partners);
    server = await serve(users, {
      controllers: [ShopController, PartnersController, OpenController, InheritedController],
      currentUserChecker,
      authorizationChecker,
    });
  });
  after(async () => {
    await server.close();
    Container.remove(PartnerJwtManager);
  });

  it('each accept their own tokens', async () => {
    const [alice, acme] = [await users.createAccessToken('alice'), await partners.createAccessToken('acme')];
    expect((await server.get('/shop/user', alice)).json).to.deep.equal({ identity: 'alice' });
    expect((await server.get('/shop/partner', acme)).json).to.deep.equal({
      identity: 'acme',
      user: { partner: 'acme' },
    });
    const fresh = await partners.createAccessToken('acme', { fresh: true });
    expect((await server.get('/shop/partner/fresh', fresh)).json).to.deep.equal({ identity: 'acme' });
    expect((await server.get('/shop/partner/optional', acme)).json).to.deep.equal({ identity: 'acme' });
    expect((await server.get('/shop/partner/optional')).json).to.deep.equal({ identity: null });
  });

  it('never accept tokens of another, even for the same identity', async () => {
    const [user, partner] = [
      await users.createAccessToken('acme', { fresh: true }),
      await partners.createAccessToken('alice', { fresh: true }),
    ];
    expectRefused(
      await server.get('/shop/user', partner),
      422,
      'Signature verification failed',
      'invalid_token',
    );
    for (const path of ['', '/fresh', '/optional', '/user', '/admin']) {
      const answer = await server.get(`/shop/partner${path}`, user);
      expect([answer.status, answer.json]).to.deep.equal([422, { error: 'Signature verification failed' }]);
    }
    const { refreshToken } = await users.createTokenPair('acme');
    const headers = { authorization: `Bearer ${refreshToken}` };
    expect((await server.send('/shop/partner/refresh', { method: 'POST', headers })).status).to.equal(422);
  });

  it('answer with their own errorMessageKey', async () => {
    expect((await server.get('/shop/partner')).json).to.deep.equal({ error: 'Missing Authorization Header' });
    expect((await server.get('/shop/user')).json).to.deep.equal({ msg: 'Missing Authorization Header' });
  });

  it('provide the user and the roles for tokens that they accepted', async () => {
    const admin = await partners.createAccessToken('acme', { additionalClaims: { scopes: ['admin'] } });
    expect((await server.get('/shop/partner/user', admin)).json).to.deep.equal({ partner: 'acme' });
    expect((await server.get('/shop/partner/admin', admin)).json).to.deep.equal({ isAdmin: true });
    const other = await partners.createAccessToken('acme', { additionalClaims: { roles: ['admin'] } });
    expect((await server.get('/shop/partner/admin', other)).status).to.equal(403);
  });

  it('rotate only refresh tokens that they accepted', async () => {
    const { refreshToken } = await partners.createTokenPair('acme');
    const sent = { method: 'POST', headers: { authorization: `Bearer ${refreshToken}` } };
    const crossed = await server.send('/shop/partner/refresh-as-user', sent);
    expect(crossed.status).to.equal(500);
    expect(crossed.text).to.include('this very manager').and.to.not.include('accessToken');
    const { accessToken } = (await server.send('/shop/partner/refresh', sent)).json as {
      accessToken: string;
    };
    expect((await server.get('/shop/partner', accessToken)).status).to.equal(200);
    expect((await server.get('/shop/user', accessToken)).status).to.equal(422);
  });

  it('can be named by a class for all of its methods, unless one names another', async () => {
    const [user, partner] = [
      await users.createAccessToken('alice', { fresh: true }),
      await partners.createAccessToken('acme', { fresh: true }),
    ];
    for (const base of ['/partners', '/inherited']) {
      for (const path of ['/plain', '/fresh']) {
        expect((await server.get(base + path, user)).status, base + path).to.equal(422);
        expect((await server.get(base + path, partner)).status, base + path).to.equal(200);
      }
      expect((await server.get(`${base}/users`, user)).status).to.equal(200);
      expect((await server.get(`${base}/users`, partner)).status).to.equal(422);
      expect((await server.get(`${base}/open`)).status).to.equal(200);
    }
    expect((await server.get('/inherited/own', user)).status).to.equal(422);
    expect((await server.get('/inherited/own', partner)).status).to.equal(200);
  });

  it('also serve the checkers of an open action if its class names them', async () => {
    const [user, partner] = [
      await users.createAccessToken('alice', { additionalClaims: { roles: ['admin'], scopes: ['admin'] } }),
      await partners.createAccessToken('acme', { additionalClaims: { scopes: ['admin'] } }),
    ];
    expect((await server.get('/partners/open/admin', user)).status).to.equal(422);
    expect((await server.get('/partners/open/admin', partner)).status).to.equal(200);
    expect((await server.get('/partners/open/user', user)).status).to.equal(422);
    expect((await server.get('/partners/open/user', partner)).json).to.deep.equal({ partner: 'acme' });
  });

  it('let nobody in if the named one is missing', async () => {
    const answer = await server.get('/shop/nobody', await users.createAccessToken('alice'));
    expect(answer.status).to.equal(500);
    Container.set(StrangerJwtManager, users);
    const instead = await server.get('/shop/nobody', await users.createAccessToken('alice'));
    expect(instead.status).to.equal(500);
    Container.remove(StrangerJwtManager);
  });

  it('must be named by a manager class', () => {
    const given =
      (manager: unknown): (() => unknown) =>
      () =>
        JwtRequired({ manager: manager as never });
    for (const manager of [undefined, null, 'PartnerJwtManager', partners, {}])
      expect(given(manager)).to.throw(JwtConfigurationError, /^Option manager must be a class/);
    expect(() => jwtGuard({ manager: PartnerLoader })).to.throw(
      JwtConfigurationError,
      /^Option manager names PartnerLoader, which is no manager/,
    );
    for (const options of [{ manager: undefined }, { manager: PartnerLoader }, { maxage: 5 }])
      expect(() => serveJwks(options as object)).to.throw(
        JwtConfigurationError,
        /manager|Unknown option maxage/,
      );
  });

  it('cannot both guard one action', () => {
    @JwtRequired({ manager: StrangerJwtManager })
    @JsonController('/torn')
    class TornController extends ShopController {}
    expect(() => createKoaServer({ controllers: [TornController] }) as Koa).to.throw(
      JwtConfigurationError,
      /TornController\.\w+: one asks StrangerJwtManager, the other PartnerJwtManager/,
    );
  });
});

describe('A manager for each tenant, chosen by the container', () => {
  const tenants = new Map(
    ['blue', 'red'].map((name) => [
      name,
      new JwtManager({ secretKey: `the secret of the tenant ${name}, long enough`, loaders: [] }),
    ]),
  );
  let server: Server;

  before(async () => {
    server = await serve(users, { controllers: [ShopController], authorizationChecker, currentUserChecker });
    useContainer({
      get: (someClass: unknown, action?: Action): never => {
        if (someClass !== JwtManager) return Container.get(someClass as new () => object) as never;
        const ctx = action?.context as Koa.Context;
        const tenant = ctx.get('X-Tenant');
        return tenant === 'away' ? ctx.throw(404, 'No such tenant') : (tenants.get(tenant) as never);
      },
    });
  });
  after(async () => {
    await server.close();
    useContainer(Container);
  });

  it('accepts its own tokens, and none of another tenant', async () => {
    for (const [name, manager] of tenants) {
      for (const tenant of tenants.keys()) {
        const authorization = `Bearer ${await manager.createAccessToken('alice')}`;
        const answer = await server.send('/shop/user', { headers: { authorization, 'X-Tenant': tenant } });
        expect(answer.status).to.equal(name === tenant ? 200 : 422);
      }
    }
  });

  it('lets nobody in if the tenant is unknown', async () => {
    for (const manager of [users, ...tenants.values()]) {
      const authorization = `Bearer ${await manager.createAccessToken('alice')}`;
      const answer = await server.send('/shop/user', { headers: { authorization, 'X-Tenant': 'green' } });
      expect(answer.status).to.equal(500);
    }
    const away = await server.send('/shop/user', { headers: { 'X-Tenant': 'away' } });
    expect([away.status, away.text]).to.deep.equal([404, 'No such tenant']);
  });
});

describe('A token of another manager', () => {
  class OneManager extends JwtManager {}
  class OtherManager extends JwtManager {}
  const guarding = async (one: JwtManager): Promise<Server> => {
    provide(one);
    Container.set(OneManager, one);
    const app = new Koa();
    app.use(jwtGuard({ manager: OneManager }));
    return Server.of(app);
  };

  it('warns once in development, and tells the client nothing more', async () => {
    const one = new OneManager({ secretKey: SECRET, loaders: [] });
    const other = new OtherManager({ secretKey: 'of the others, and as long as it has to be', loaders: [] });
    const server = await guarding(one);
    const token = await other.createAccessToken('alice');
    const warnings = new Warnings();
    const { NODE_ENV } = process.env;
    try {
      process.env['NODE_ENV'] = 'production';
      expect((await server.get('/', token)).status).to.equal(422);
      expect(warnings.told).to.deep.equal([]);
      delete process.env['NODE_ENV'];
      for (const each of [forge({ signer: hmac('of nobody') }), token, token]) {
        const answer = await server.send('/', { headers: bearer(each) });
        expectRefused(answer, 422, 'Signature verification failed', 'invalid_token');
      }
    } finally {
      warnings.stop();
      if (NODE_ENV === undefined) delete process.env['NODE_ENV'];
      else process.env['NODE_ENV'] = NODE_ENV;
    }
    expect(warnings.told).to.deep.equal([
      'OneManager has refused a token that is good for OtherManager: ' +
        'check the option manager of the guard, or which manager made the token',
    ]);
    await server.close();
    Container.remove(OneManager);
  });

  it('is refused as ever while the other manager is misconfigured', async () => {
    @UserLoader()
    class Key {
      load(): string {
        return SECRET;
      }
    }
    @DecodeKeyLoader()
    class FindKey extends Key {}
    const one = new OneManager({ secretKey: SECRET, loaders: [] });
    const other = new OtherManager({ secretKey: SECRET, loaders: [Key, FindKey] });
    // Only now are there two for one event, which that manager cannot choose from.
    DecodeKeyLoader()(Key);
    expect((await rejection(other.verifyToken(forge()))).message).to.contain('Two loaders for one event');
    const server = await guarding(one);
    const { NODE_ENV } = process.env;
    delete process.env['NODE_ENV'];
    try {
      const answer = await server.send('/', { headers: bearer(forge({ signer: hmac('of nobody') })) });
      expectRefused(answer, 422, 'Signature verification failed', 'invalid_token');
    } finally {
      if (NODE_ENV !== undefined) process.env['NODE_ENV'] = NODE_ENV;
    }
    await server.close();
    Container.remove(OneManager);
  });
});
