import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import type { RedisClientType } from 'redis';
import type { TokenPair } from '../../../src/index';
import { anyRedis, describeWithRedis, type AnyRedis } from '../../support/RedisServer';
import { connectedClient } from '../../support/withRedisClient';

const PROCESSES = 4;

/** Servers in separate processes that share only a Redis. */
class Servers {
  private constructor(
    private readonly children: readonly ChildProcess[],
    private readonly ports: readonly number[],
  ) {}

  static async started(url: string, grace: number): Promise<Servers> {
    const children = Array.from({ length: PROCESSES }, () =>
      fork(join(__dirname, 'fixtures/race.program.js'), [url, String(grace)], {
        // Coverage is slow, and requests would not be concurrent.
        env: { ...process.env, NODE_V8_COVERAGE: undefined },
      }),
    );
    const ports = children.map(async (child) => {
      const [port] = (await Promise.race([
        once(child, 'message'),
        once(child, 'exit').then(() => Promise.reject(new Error('A server of the race did not start'))),
      ])) as [number];
      return port;
    });
    return new Servers(children, await Promise.all(ports));
  }

  async stop(): Promise<void> {
    const exits = this.children.map((child) => once(child, 'exit'));
    for (const child of this.children) child.disconnect();
    await Promise.all(exits);
  }

  async login(name: string): Promise<TokenPair> {
    return (await (await this.post(0, `/login?name=${name}`)).json()) as TokenPair;
  }

  async status(accessToken: string): Promise<number> {
    const headers = { authorization: `Bearer ${accessToken}` };
    return (await fetch(this.url(1, '/me'), { headers })).status;
  }

  rotate(i: number, refreshToken: string, query = ''): Promise<Response> {
    return this.post(i, `/rotate${query}`, refreshToken);
  }

  /** Uses one refresh token many times at once, spread over the servers. */
  async race(
    refreshToken: string,
    uses: number,
    query = '',
  ): Promise<{ pairs: TokenPair[]; refused: number[] }> {
    const responses = await Promise.all(
      Array.from({ length: uses }, (_, i) => this.rotate(i, refreshToken, query)),
    );
    const won = responses.filter(({ status }) => status === 200);
    const lost = responses.filter(({ status }) => status !== 200);
    await Promise.all(lost.map((response) => response.text()));
    const pairs = await Promise.all(won.map(async (response) => (await response.json()) as TokenPair));
    return { pairs, refused: lost.map(({ status }) => status) };
  }

  private post(i: number, path: string, token?: string): Promise<Response> {
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
    return fetch(this.url(i, path), { method: 'POST', headers });
  }

  private url(i: number, path: string): string {
    return `http://127.0.0.1:${String(this.ports[i % PROCESSES])}${path}`;
  }
}

describeWithRedis('JwtManager.rotate(ctx) in 4 processes', () => {
  let redis: AnyRedis;
  let client: RedisClientType;
  let servers: Servers;

  const start = (grace: number) => async (): Promise<void> => {
    redis = await anyRedis();
    client = await connectedClient(redis.url);
    servers = await Servers.started(redis.url, grace);
  };
  const stop = async (): Promise<void> => {
    await servers.stop();
    client.destroy();
    await redis.remove();
  };

  const scriptsRun = async (): Promise<number> =>
    Number(/cmdstat_eval:calls=(\d+)/.exec(await client.info('commandstats'))?.[1] ?? 0);

  const expectDead = async (pairs: readonly TokenPair[]): Promise<void> => {
    for (const [i, { accessToken, refreshToken }] of pairs.entries()) {
      expect(await servers.status(accessToken)).to.equal(401);
      expect((await servers.rotate(i, refreshToken)).status).to.equal(401);
    }
  };

  describe('without grace', () => {
    before(start(0));
    after(stop);

    it('lets one of 200 admitted requests succeed, and ends the session', async () => {
      const [first, other] = [await servers.login('alice'), await servers.login('alice')];
      const before = await scriptsRun();
      const { pairs, refused } = await servers.race(first.refreshToken, 200, `?at=${Date.now() + 2000}`);
      expect(pairs).to.have.length(1);
      expect(refused).to.deep.equal(Array.from({ length: 199 }, () => 401));
      // Otherwise the earlier check refused them, and there was no race.
      expect((await scriptsRun()) - before).to.be.greaterThan(100);
      await expectDead([first, ...pairs]);
      expect(await servers.status(other.accessToken)).to.equal(200);
      expect((await servers.rotate(3, other.refreshToken)).status).to.equal(200);
    });

    it('lets one of 200 requests succeed, with any timing', async () => {
      for (let round = 0; round < 3; round++) {
        const first = await servers.login(`bob${round}`);
        const { pairs, refused } = await servers.race(first.refreshToken, 200);
        expect(pairs).to.have.length(1);
        expect(refused).to.deep.equal(Array.from({ length: 199 }, () => 401));
        await expectDead([first, ...pairs]);
      }
    });
  });

  describe('with 3 seconds of grace', () => {
    const GRACE = 3;
    before(start(GRACE));
    after(stop);

    it('lets 20 tabs succeed, and ends the session when one comes too late', async () => {
      const first = await servers.login('alice');
      const { pairs, refused } = await servers.race(first.refreshToken, 20);
      expect(refused).to.deep.equal([]);
      expect(new Set(pairs.map(({ refreshToken }) => refreshToken)).size).to.equal(20);
      for (const { accessToken } of pairs) expect(await servers.status(accessToken)).to.equal(200);
      await sleep(GRACE * 1000 + 100);
      expect((await servers.rotate(2, first.refreshToken)).status).to.equal(401);
      await expectDead([first, ...pairs]);
    });

    it('refuses more than 32 uses, and keeps the session', async () => {
      const first = await servers.login('bob');
      const { pairs, refused } = await servers.race(first.refreshToken, 100);
      expect(pairs).to.have.length(32);
      expect(refused).to.deep.equal(Array.from({ length: 68 }, () => 401));
      for (const { accessToken } of pairs) expect(await servers.status(accessToken)).to.equal(200);
      const next = await servers.rotate(1, String(pairs.at(-1)?.refreshToken));
      expect(next.status).to.equal(200);
      const { refreshToken } = (await next.json()) as TokenPair;
      expect((await servers.rotate(2, refreshToken)).status).to.equal(200);
      expect((await servers.rotate(3, String(pairs[0]?.refreshToken))).status).to.equal(401);
      await expectDead(pairs);
    });
  });
});
