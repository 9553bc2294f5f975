import { asClass, asValue, createContainer, InjectionMode } from 'awilix';
import { expect } from 'chai';
import { Container as InversifyContainer, injectable } from 'inversify';
import type Koa from 'koa';
import { createKoaServer, useContainer, type Action, type IocAdapter } from 'routing-controllers';
import { container as tsyringe, injectable as tsyringeInjectable, Lifecycle } from 'tsyringe';
import { Container, Service } from 'typedi';
import { authorizationChecker, currentUserChecker, JwtConfigurationError, JwtManager } from '../../src/index';
import { expectRefused } from '../support/refused';
import { Server } from '../support/Server';
import {
  Blocklist,
  CLASSES,
  FindUser,
  IsBlocked,
  newShop,
  PartnerJwtManager,
  RequestScope,
  ShopController,
  UserRepository,
  type Shop,
} from './Shop';

type Values = Shop['values'];

/** One thing for each request, and one for what is made outside of requests. */
function perRequest<Scope extends object>(make: () => Scope): (action: Action | undefined) => Scope {
  const scopes = new WeakMap<object, Scope>();
  const outside = {};
  return (action) => {
    const request = (action?.context as object | undefined) ?? outside;
    const scope = scopes.get(request) ?? make();
    scopes.set(request, scope);
    return scope;
  };
}

/** awilix finds classes by a name. */
const nameOf = ({ name }: { readonly name: string }): string => name.charAt(0).toLowerCase() + name.slice(1);

const CONTAINERS: Readonly<Record<string, (values: Values) => IocAdapter>> = {
  TypeDI: (values) => {
    for (const each of CLASSES) (Service() as ClassDecorator)(each);
    for (const [id, value] of values) Container.set({ id, value, global: true });
    return { get: (type, action) => Container.of(action?.context as never).get(type) };
  },
  tsyringe: (values) => {
    const root = tsyringe.createChildContainer();
    for (const each of CLASSES) {
      tsyringeInjectable()(each);
      root.register(each, { useClass: each }, { lifecycle: Lifecycle.ContainerScoped });
    }
    for (const [type, value] of values) root.registerInstance(type, value);
    const scopeOf = perRequest(() => root.createChildContainer());
    return { get: (type, action) => scopeOf(action).resolve(type) };
  },
  inversify: (values) => {
    const root = new InversifyContainer();
    for (const [type, value] of values) root.bind(type).toConstantValue(value);
    const scopeOf = perRequest(() => {
      const scope = new InversifyContainer({ parent: root });
      for (const each of CLASSES) scope.bind(each).toSelf().inSingletonScope();
      return scope;
    });
    return { get: (type, action) => scopeOf(action).get(type) };
  },
  awilix: (values) => {
    const root = createContainer({ injectionMode: InjectionMode.CLASSIC });
    for (const each of CLASSES) root.register(nameOf(each), asClass(each).scoped());
    for (const [type, value] of values) root.register(nameOf(type), asValue(value));
    const scopeOf = perRequest(() => root.createScope());
    return { get: (type, action) => scopeOf(action).resolve(nameOf(type)) };
  },
  'no container': (values) => {
    const scopeOf = perRequest(() => {
      const scope = new RequestScope();
      return new Map<unknown, object>([
        ...values,
        [FindUser, new FindUser(new UserRepository(), scope)],
        [IsBlocked, new IsBlocked(values.get(Blocklist) as Blocklist)],
        [ShopController, new ShopController(values.get(JwtManager) as JwtManager, scope)],
      ]);
    });
    return { get: (type, action) => scopeOf(action).get(type) as never };
  },
};

before(() => {
  for (const each of CLASSES) injectable()(each);
});

for (const [name, adapterOf] of Object.entries(CONTAINERS)) {
  describe(`With ${name}`, () => {
    let shop: Shop;
    let server: Server;
    let token: string;

    before(async () => {
      shop = newShop();
      useContainer(adapterOf(shop.values), { fallback: name === 'no container' });
      const app = createKoaServer({
        controllers: [ShopController],
        authorizationChecker,
        currentUserChecker,
      }) as Koa;
      app.silent = true;
      server = await Server.of(app);
      token = await shop.manager.createAccessToken('alice');
    });
    after(async () => {
      await server.close();
      useContainer(Container);
    });
    beforeEach(() => {
      ShopController.runs = 0;
    });

    it('a guard lets in who has a token, and nobody else', async () => {
      expectRefused(await server.get('/shop/me'), 401, 'Missing Authorization Header');
      expectRefused(await server.get('/shop/me', 'x'), 422, 'Not enough segments', 'invalid_token');
      expect(ShopController.runs).to.equal(0);
      expect((await server.get('/shop/me', token)).status).to.equal(200);
      expect(ShopController.runs).to.equal(1);
    });

    it('an optional guard knows who is anonymous', async () => {
      expect((await server.get('/shop/maybe')).json).to.deep.equal({ for: 'everyone' });
      expect((await server.get('/shop/maybe', token)).json).to.deep.equal({ for: 'alice' });
    });

    it('a refresh token gets a new access token from the injected manager', async () => {
      expectRefused(
        await server.get('/shop/refresh', token),
        422,
        'Only refresh tokens are allowed',
        'invalid_token',
      );
      const refresh = await shop.manager.createRefreshToken('alice');
      const { json } = await server.get('/shop/refresh', refresh);
      expect((await server.get('/shop/me', (json as { token: string }).token)).status).to.equal(200);
    });

    it('a user loader gets its repository', async () => {
      expect((await server.get('/shop/me', token)).json).to.include({ name: 'alice' });
      const stranger = await shop.manager.createAccessToken('eve');
      expectRefused(
        await server.get('/shop/me', stranger),
        401,
        'Error loading the user eve',
        'invalid_token',
      );
      expect(ShopController.runs).to.equal(1);
    });

    it('a blocklist loader gets its list', async () => {
      const ended = await shop.manager.createAccessToken('bob');
      expect((await server.get('/shop/me', ended)).status).to.equal(200);
      shop.blocklist.blocked.add(await shop.manager.getJti(ended));
      expectRefused(await server.get('/shop/me', ended), 401, 'Token has been revoked', 'invalid_token');
      expect((await server.get('/shop/me', token)).status).to.equal(200);
    });

    it('loader and controller of a request share what is made for it, and other requests have their own', async () => {
      const answers = await Promise.all([1, 2, 3].map(() => server.get('/shop/me', token)));
      const users = answers.map(({ json }) => json as { request: number; sameScope: boolean });
      expect(users.map(({ sameScope }) => sameScope)).to.deep.equal([true, true, true]);
      expect(new Set(users.map(({ request }) => request)).size).to.equal(3);
    });

    it('@Authorized() and @CurrentUser() ask the same manager', async () => {
      const admin = await shop.manager.createAccessToken('alice', { additionalClaims: { roles: ['admin'] } });
      expect((await server.get('/shop/admin', admin)).json).to.include({ name: 'alice' });
      expect((await server.get('/shop/admin', token)).status).to.equal(403);
      expect(ShopController.runs).to.equal(1);
    });

    it('verifyJwtInRequest(ctx) of the injected manager checks by hand', async () => {
      expect((await server.get('/shop/by-hand', token)).json).to.deep.equal({ identity: 'alice' });
      expectRefused(await server.get('/shop/by-hand'), 401, 'Missing Authorization Header');
    });

    it('a decorator finds the manager that it names by class', async () => {
      const partner = await shop.partners.createAccessToken('acme');
      expect((await server.get('/shop/partner', partner)).json).to.deep.equal({ identity: 'acme' });
      expect((await server.get('/shop/partner', token)).status).to.equal(422);
      expect((await server.get('/shop/me', partner)).status).to.equal(422);
      expect(ShopController.runs).to.equal(1);
    });

    it('a manager that is missing is an error that says so, and nobody gets in', async () => {
      const without = new Map([...shop.values].filter(([type]) => type !== PartnerJwtManager));
      Container.remove(PartnerJwtManager);
      useContainer(adapterOf(without), { fallback: name === 'no container' });
      const answer = await server.get('/shop/partner', await shop.partners.createAccessToken('acme'));
      useContainer(adapterOf(shop.values), { fallback: name === 'no container' });
      expect(answer.status).to.equal(500);
      expect(ShopController.runs).to.equal(0);
      const error = server.errors.at(-1);
      expect(error).to.be.instanceOf(JwtConfigurationError);
      expect(error?.message).to.contain('The container has no PartnerJwtManager: call useContainer(');
    });
  });
}
