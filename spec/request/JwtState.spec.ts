import { inspect } from 'node:util';
import { expect } from 'chai';
import Koa from 'koa';
import { getJwtState, jwtGuard, JwtManager, type JwtState } from '../../src/index';
import { SECRET } from '../support/secret';
import { provide, Server } from '../support/Server';

describe('ctx.state.jwt.token', () => {
  let server: Server;
  let manager: JwtManager;
  let state: JwtState;
  before(async () => {
    manager = new JwtManager({
      secretKey: SECRET,
      loaders: [],
      tokenLocation: ['headers', 'cookies', 'query_string', 'json'],
    });
    provide(manager);
    const app = new Koa();
    app.use(jwtGuard({ optional: true }));
    app.use((ctx) => {
      state = getJwtState(ctx);
      ctx.body = {};
    });
    server = await Server.of(app);
  });
  after(() => server.close());

  it('is the token as it came, for calls in the name of its owner', async () => {
    const token = await manager.createAccessToken('alice');
    const json = { 'content-type': 'application/json' };
    for (const [path, sent] of [
      ['/', { headers: { authorization: `Bearer ${token}` } }],
      ['/', { headers: { cookie: `access_token_cookie=${token}` } }],
      [`/?jwt=${token}`, {}],
      ['/', { method: 'POST', headers: json, body: JSON.stringify({ access_token: token }) }],
    ] as const) {
      expect((await server.send(path, sent)).status).to.equal(200);
      expect(state.token).to.equal(token);
    }
    await server.get('/');
    expect(state.token).to.equal(undefined);
  });

  it('is in no log, and in no copy', async () => {
    const token = await manager.createAccessToken('alice');
    await server.get('/', token);
    const signature = String(token.split('.')[2]);
    for (const text of [
      JSON.stringify(state),
      inspect(state, { showHidden: true, depth: Infinity }),
      inspect(state, { getters: true, depth: Infinity }),
      inspect({ ctx: { state: { jwt: state } } }, { depth: Infinity }),
      JSON.stringify({ ...state }),
      JSON.stringify(Object.assign({}, state)),
      JSON.stringify(Object.getOwnPropertyDescriptors(state)),
      JSON.stringify(structuredClone(state)),
    ]) {
      expect(text).to.contain('alice');
      expect(text).to.not.contain(signature);
    }
    expect(Object.keys(state)).to.have.members(['identity', 'payload', 'header', 'location', 'user']);
    expect(state).to.satisfy(Object.isFrozen);
  });
});
