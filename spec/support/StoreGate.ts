import { setTimeout as sleep } from 'node:timers/promises';
import type Koa from 'koa';
import { createKoaServer, Ctx, Get, JsonController, Post, QueryParam } from 'routing-controllers';
import { Container, Service } from 'typedi';
import {
  JwtIdentity,
  JwtManager,
  JwtRequired,
  RefreshJwtRequired,
  type JwtOptions,
  type TokenPair,
} from '../../src/index';
import { SECRET } from './secret';
import { bearer, provide, Server, type Answer } from './Server';

@Service()
@JsonController()
class SessionsController {
  @Post('/login')
  login(@QueryParam('name') name: string): Promise<TokenPair> {
    return Container.get(JwtManager).createTokenPair(name);
  }

  @Get('/me')
  @JwtRequired()
  me(@JwtIdentity() identity: string): object {
    return { identity };
  }

  /** Continues at `at` (milliseconds since 1970), so that many requests are admitted before. */
  @Post('/rotate')
  @RefreshJwtRequired()
  async rotate(@Ctx() ctx: Koa.Context, @QueryParam('at') at?: number): Promise<TokenPair> {
    if (at !== undefined) await sleep(Math.min(Math.max(at - Date.now(), 0), 5000));
    return Container.get(JwtManager).rotate(ctx);
  }

  @Post('/logout')
  @JwtRequired()
  async logout(@Ctx() ctx: Koa.Context): Promise<object> {
    await Container.get(JwtManager).revokeSession(ctx.state.jwt?.payload ?? '');
    return {};
  }
}

/** A server to log in, rotate and log out. One at a time: the container has one manager. */
export class StoreGate {
  private constructor(
    readonly manager: JwtManager,
    readonly app: Koa,
    readonly server: Server,
  ) {}

  static async of(options: JwtOptions, server: { defaultErrorHandler?: boolean } = {}): Promise<StoreGate> {
    const manager = new JwtManager({ secretKey: SECRET, loaders: [], ...options });
    provide(manager);
    const app = createKoaServer({ controllers: [SessionsController], ...server }) as Koa;
    return new StoreGate(manager, app, await Server.of(app));
  }

  /** What reached Koa's `error` event. */
  get errors(): readonly Error[] {
    return this.server.errors;
  }

  close(): Promise<void> {
    return this.server.close();
  }

  me(accessToken: string): Promise<Answer> {
    return this.server.get('/me', accessToken);
  }

  rotate(refreshToken: string): Promise<Answer> {
    return this.server.send('/rotate', { method: 'POST', headers: bearer(refreshToken) });
  }

  login(name: string): Promise<Answer> {
    return this.server.send(`/login?name=${name}`, { method: 'POST' });
  }

  logout(accessToken: string): Promise<Answer> {
    return this.server.send('/logout', { method: 'POST', headers: bearer(accessToken) });
  }
}
