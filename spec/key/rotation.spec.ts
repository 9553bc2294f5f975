import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import Koa from 'koa';
import { useContainer, type Action } from 'routing-controllers';
import { Container } from 'typedi';
import { jwtGuard, JwtManager, type JwtKey } from '../../src/index';
import { ED25519, RSA } from '../support/keys';
import { opened } from '../support/forge';
import { SECRET } from '../support/secret';
import { Server } from '../support/Server';

const A: JwtKey = { kid: 'a', algorithm: 'RS256', privateKey: RSA.privateKey };
const B: JwtKey = { kid: 'b', algorithm: 'EdDSA', privateKey: ED25519.privateKey };

/** Lifetime of tokens in seconds, short enough to wait for. It may be one less, because exp is a whole second. */
const LIFETIME = 2;

/** Instances of one service, each with its own ring. A deployment changes them one by one. */
class Fleet {
  private readonly managers = new Map<Koa, JwtManager>();
  private servers: Server[] = [];

  static async of(size: number, keys: readonly JwtKey[]): Promise<Fleet> {
    const fleet = new Fleet();
    useContainer({
      get: (_class: unknown, action?: Action) =>
        fleet.managers.get((action?.context as Koa.Context).app) as never,
    });
    for (let i = 0; i < size; i++) {
      const app = new Koa();
      app.use(jwtGuard());
      app.use((ctx) => {
        ctx.body = { identity: ctx.state.jwt?.identity };
      });
      fleet.servers.push(await Server.of(app));
      fleet.managers.set(app, managerOf(keys));
    }
    return fleet;
  }

  /** Changes the ring of one instance after the other, under load. */
  async roll(keys: readonly JwtKey[]): Promise<void> {
    for (const app of this.managers.keys()) {
      this.managers.set(app, managerOf(keys));
      await sleep(40);
    }
  }

  logIn(): Promise<string> {
    return anyOf([...this.managers.values()]).createAccessToken('alice');
  }

  async use(token: string): Promise<number> {
    return (await anyOf(this.servers).get('/', token)).status;
  }

  async useEverywhere(token: string): Promise<number[]> {
    return Promise.all(this.servers.map(async (server) => (await server.get('/', token)).status));
  }

  async close(): Promise<void> {
    await Promise.all(this.servers.map((server) => server.close()));
    useContainer(Container);
  }
}

function managerOf(keys: readonly JwtKey[]): JwtManager {
  return new JwtManager({ keys, accessTokenExpires: LIFETIME, loaders: [] });
}

function anyOf<T>(list: readonly T[]): T {
  return list[Math.floor(Math.random() * list.length)] as T;
}

/** Logs in and uses the token, repeatedly, until aborted. Counts answers by kid and status. */
async function load(fleet: Fleet, until: AbortSignal): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  const client = async (): Promise<void> => {
    while (!until.aborted) {
      const token = await fleet.logIn();
      for (let uses = 0; uses < 3; uses++) {
        const answer = `${String(opened(token).header['kid'])} ${await fleet.use(token)}`;
        counts.set(answer, (counts.get(answer) ?? 0) + 1);
      }
    }
  };
  await Promise.all(Array.from({ length: 8 }, client));
  return counts;
}

describe('Rotating keys under load', () => {
  let fleet: Fleet;
  afterEach(() => fleet.close());

  it('refuses only tokens of a retired key', async () => {
    fleet = await Fleet.of(3, [A]);
    const stop = new AbortController();
    const counted = load(fleet, stop.signal);
    await fleet.roll([A, B]);
    await fleet.roll([B, A]);
    await sleep(LIFETIME * 1000);
    const kept = await managerOf([A]).createAccessToken('mallory', { expires: '1h' });
    expect(await fleet.useEverywhere(kept)).to.deep.equal([200, 200, 200]);
    await fleet.roll([B]);
    stop.abort();
    const counts = await counted;
    expect([...counts.keys()].sort()).to.deep.equal(['a 200', 'b 200']);
    for (const count of counts.values()) expect(count).to.be.greaterThan(20);
    expect(await fleet.useEverywhere(kept)).to.deep.equal([422, 422, 422]);
    expect(await fleet.useEverywhere(await fleet.logIn())).to.deep.equal([200, 200, 200]);
  }).timeout(20_000);

  it('refuses some tokens if the new key signs before all know it', async () => {
    fleet = await Fleet.of(3, [A]);
    const stop = new AbortController();
    const counted = load(fleet, stop.signal);
    await fleet.roll([B, A]);
    stop.abort();
    expect([...(await counted).keys()]).to.include('b 422');
  });

  it('can go from a secret without a kid to a ring', async () => {
    fleet = await Fleet.of(2, [{ secretKey: SECRET }]);
    const before = await new JwtManager({ secretKey: SECRET, loaders: [] }).createAccessToken('alice');
    await fleet.roll([{ secretKey: SECRET }, B]);
    await fleet.roll([B, { secretKey: SECRET }]);
    expect(await fleet.useEverywhere(before)).to.deep.equal([200, 200]);
    await fleet.roll([B]);
    expect(await fleet.useEverywhere(before)).to.deep.equal([422, 422]);
  });
});
