import { expect } from 'chai';
import Koa, { type Context } from 'koa';
import { Ctx, Get, JsonController, type RoutingControllersOptions } from 'routing-controllers';
import { Container, Service } from 'typedi';
import { JwtManager, MemoryRevocationStore } from '../../src/index';
import { SECRET } from '../support/secret';
import { serve, Server } from '../support/Server';

const manager = (): JwtManager => Container.get(JwtManager);

@Service()
@JsonController('/forgetful')
class ForgetfulController {
  @Get('/access')
  access(): object {
    return { access_token: manager().createAccessToken('alice') };
  }
  @Get('/refresh')
  refresh(): object {
    return { refresh_token: manager().createRefreshToken('alice') };
  }
  @Get('/nested')
  nested(): object {
    return { tokens: [{ pair: manager().createTokenPair('alice') }] };
  }
  @Get('/claims')
  claims(@Ctx() { query }: Context): object {
    return { claims: manager().decodeToken(String(query['token'])) };
  }
  @Get('/awaited')
  async awaited(): Promise<object> {
    return { access_token: await manager().createAccessToken('alice'), none: null, list: [1] };
  }
  @Get('/returned')
  returned(): Promise<object> {
    return manager().createTokenPair('alice');
  }
}

const MESSAGE = (call: string): string =>
  `The answer holds the promise of ${call}() and not its result: write await before it`;

describe('a forgotten await in an answer', () => {
  const made = new JwtManager({
    secretKey: SECRET,
    loaders: [],
    revocationStore: new MemoryRevocationStore(),
  });
  for (const options of [
    { development: true },
    { development: true, classTransformer: false },
    { development: true, defaultErrorHandler: false },
    { development: false },
    { development: false, classTransformer: false },
  ] satisfies RoutingControllersOptions[]) {
    it(`is an error that says so: ${JSON.stringify(options)}`, async () => {
      const server = await serve(made, { controllers: [ForgetfulController], ...options });
      const token = await made.createAccessToken('alice');
      const calls = [
        ['/access', 'createAccessToken'],
        ['/refresh', 'createRefreshToken'],
        [`/claims?token=${token}`, 'decodeToken'],
        ...(options.development ? [['/nested', 'createTokenPair']] : []),
      ] as [string, string][];
      for (const [path, call] of calls) {
        const { status, text } = await server.get(`/forgetful${path}`);
        expect(status, path).to.equal(500);
        const told = text + server.errors.map(({ message }) => message).join('');
        expect(told, path).to.include(MESSAGE(call));
      }
      for (const path of ['/awaited', '/returned']) {
        expect((await server.get(`/forgetful${path}`)).status, path).to.equal(200);
      }
      await server.close();
    });
  }

  it('is an error in plain Koa too', async () => {
    const app = new Koa();
    app.silent = true;
    app.use((ctx) => {
      ctx.body = { access_token: made.createAccessToken('alice') };
    });
    const server = await Server.of(app);
    expect((await server.get('/')).status).to.equal(500);
    expect(server.errors.map(({ message }) => message)).to.deep.equal([MESSAGE('createAccessToken')]);
    await server.close();
  });

  it('is none in a promise that is awaited, combined or printed', async () => {
    const promise = made.createAccessToken('alice');
    expect(Object.keys(promise)).to.deep.equal([]);
    expect(await promise).to.be.a('string');
    expect(await Promise.all([promise, promise.then((token) => token.length)])).to.have.length(2);
  });
});
