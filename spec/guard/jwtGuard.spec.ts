import Router from '@koa/router';
import { expect } from 'chai';
import Koa from 'koa';
import { All, JsonController, Method, UseBefore } from 'routing-controllers';
import { Service } from 'typedi';
import { jwtGuard, JwtManager, JwtRequired } from '../../src/index';
import { SECRET } from '../support/secret';
import { provide, serve, Server } from '../support/Server';

const manager = new JwtManager({ secretKey: SECRET, loaders: [] });
let ran = 0;

@Service()
@JsonController('/controller')
class OptionsController {
  @All('/all')
  @UseBefore(jwtGuard())
  all(): object {
    ran++;
    return {};
  }
  @Method('ALL' as 'all', '/loud')
  @JwtRequired()
  loud(): object {
    ran++;
    return {};
  }
}

describe('jwtGuard(options) and OPTIONS', () => {
  let server: Server;
  afterEach(() => server.close());
  beforeEach(() => {
    ran = 0;
    provide(manager);
  });

  /** A route behind a guard, with CORS headers as a middleware before it adds them. */
  async function serving(extend: (app: Koa, handler: Koa.Middleware) => void): Promise<void> {
    const app = new Koa();
    app.use(async (ctx, next) => {
      ctx.set('Access-Control-Allow-Origin', '*');
      await next();
    });
    extend(app, (ctx) => {
      ran++;
      ctx.body = {};
    });
    server = await Server.of(app);
  }

  async function expectPreflightOnly(path: string): Promise<void> {
    const answer = await server.send(path, { method: 'OPTIONS' });
    expect([answer.status, answer.text]).to.deep.equal([204, '']);
    expect((await server.send(path, { method: 'POST' })).status).to.equal(401);
    expect(ran).to.equal(0);
  }

  it('answers it on a route for all methods, and keeps the headers of CORS', async () => {
    await serving((app, handler) => app.use(new Router().all('/x', jwtGuard(), handler).routes()));
    await expectPreflightOnly('/x');
    const { headers } = await server.send('/x', { method: 'OPTIONS' });
    expect(headers['access-control-allow-origin']).to.equal('*');
  });

  it('answers it for a whole application', async () => {
    await serving((app, handler) => app.use(jwtGuard()).use(handler));
    await expectPreflightOnly('/anything');
  });

  it('answers it in @UseBefore() of an @All() action, and for @Method(ALL)', async () => {
    server = await serve(manager, { controllers: [OptionsController] });
    await expectPreflightOnly('/controller/all');
    const loud = await server.send('/controller/loud', { method: 'OPTIONS' });
    expect([loud.status === 200, ran]).to.deep.equal([false, 0]);
  });

  it('lets it pass where anonymous requests may', async () => {
    await serving((app, handler) => app.use(jwtGuard({ optional: true })).use(handler));
    expect((await server.send('/', { method: 'OPTIONS' })).status).to.equal(200);
    expect(ran).to.equal(1);
  });
});
