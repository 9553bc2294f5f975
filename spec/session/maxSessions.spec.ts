import { expect } from 'chai';
import {
  JwtConfig,
  JwtConfigurationError,
  JwtManager,
  MemoryRevocationStore,
  type JwtOptions,
  type NewSession,
  type RevocationStore,
  type TokenPair,
} from '../../src/index';
import { RedisRevocationStore } from '../../src/store/redis/RedisRevocationStore';
import { SECRET } from '../support/secret';
import { StoreGate } from '../support/StoreGate';
import { withRedisClient } from '../support/withRedisClient';

describe('The option maxSessions, with MemoryRevocationStore', () => {
  itBoundsSessions(() => new MemoryRevocationStore());
});

withRedisClient('The option maxSessions, with RedisRevocationStore', (client) => {
  itBoundsSessions(() => new RedisRevocationStore(client()));
});

function itBoundsSessions(makeStore: () => RevocationStore): void {
  let gate: StoreGate;
  const serving = async (maxSessions: number): Promise<void> => {
    gate = await StoreGate.of({ revocationStore: makeStore(), maxSessions });
  };
  afterEach(() => gate.close());

  const logIn = async (name: string): Promise<TokenPair> => (await gate.login(name)).json as TokenPair;
  const expectStatuses = async (pair: TokenPair, status: number): Promise<TokenPair> => {
    expect((await gate.me(pair.accessToken)).status).to.equal(status);
    const rotated = await gate.rotate(pair.refreshToken);
    expect(rotated.status).to.equal(status);
    return rotated.json as TokenPair;
  };

  it('ends the oldest session when one more starts, also one that was refreshed just now', async () => {
    await serving(2);
    const bob = await logIn('bob');
    const first = await logIn('alice');
    const second = await logIn('alice');
    const refreshed = await expectStatuses(first, 200);
    const third = await logIn('alice');
    await expectStatuses(refreshed, 401);
    expect((await gate.me(first.accessToken)).status).to.equal(401);
    for (const pair of [bob, second, third]) await expectStatuses(pair, 200);
    expect(await gate.manager.sessions('alice')).to.have.length(2);
  });

  it('keeps the bound of log-ins at once', async () => {
    await serving(3);
    const pairs = await Promise.all(Array.from({ length: 20 }, () => logIn('carol')));
    const statuses = await Promise.all(
      pairs.map(async ({ accessToken }) => (await gate.me(accessToken)).status),
    );
    expect(statuses.filter((status) => status === 200)).to.have.length(3);
    expect(statuses.filter((status) => status === 401)).to.have.length(17);
  });

  it('leaves room after a log-out', async () => {
    await serving(2);
    const first = await logIn('dan');
    expect((await gate.logout((await logIn('dan')).accessToken)).status).to.equal(200);
    await logIn('dan');
    await expectStatuses(first, 200);
  });

  it('counts createRefreshToken, and no createAccessToken', async () => {
    await serving(1);
    const first = await logIn('erin');
    const loose = await gate.manager.createAccessToken('erin');
    await expectStatuses(first, 200);
    const refreshToken = await gate.manager.createRefreshToken('erin');
    expect((await gate.me(first.accessToken)).status).to.equal(401);
    expect((await gate.me(loose)).status).to.equal(200);
    expect((await gate.rotate(refreshToken)).status).to.equal(200);
  });
}

describe('The option maxSessions', () => {
  const managerWith = (options: object): JwtManager =>
    new JwtManager({ secretKey: SECRET, loaders: [], ...(options as JwtOptions) });

  it('is a whole number from 1, or false', () => {
    const revocationStore = new MemoryRevocationStore();
    for (const maxSessions of [0, -1, 1.5, Infinity, NaN, '5', true, null]) {
      expect(() => managerWith({ revocationStore, maxSessions }), String(maxSessions)).to.throw(
        JwtConfigurationError,
        'Option maxSessions must be a whole number from 1 to 1000000, or false',
      );
    }
    for (const maxSessions of [1, 1_000_000, false] as const) {
      expect(managerWith({ revocationStore, maxSessions }).config.maxSessions).to.equal(maxSessions);
    }
  });

  it('can be given in the environment', () => {
    expect(JwtConfig.fromEnv({ JWT_MAX_SESSIONS: '5' })).to.deep.equal({ maxSessions: 5 });
    expect(JwtConfig.fromEnv({ JWT_MAX_SESSIONS: 'false' })).to.deep.equal({ maxSessions: false });
  });

  it('needs a store, because nothing else knows the sessions', () => {
    expect(() => managerWith({ maxSessions: 5 })).to.throw(
      JwtConfigurationError,
      'Option maxSessions needs a revocationStore',
    );
  });

  it('does no harm to a store that knows no bound', async () => {
    class Simple extends MemoryRevocationStore {
      override async startSession(session: NewSession): Promise<number> {
        return super.startSession(session);
      }
    }
    const manager = managerWith({ revocationStore: new Simple(), maxSessions: 1 });
    for (let i = 0; i < 3; i++) await manager.createTokenPair('alice');
    expect(await manager.sessions('alice')).to.have.length(3);
  });
});

describe('The user agent of a session', () => {
  const agents: unknown[] = [];
  class Keeper extends MemoryRevocationStore {
    override async startSession(session: NewSession): Promise<number> {
      agents.push(session.userAgent);
      return super.startSession(session);
    }
  }
  const manager = new JwtManager({ secretKey: SECRET, loaders: [], revocationStore: new Keeper() });
  const keptOf = async (userAgent: unknown): Promise<unknown> => {
    agents.length = 0;
    await manager.createTokenPair('alice', { userAgent: userAgent as string });
    return agents[0];
  };

  it('reaches any store cut to 512 characters', async () => {
    const firefox = 'Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0';
    expect(await keptOf(firefox)).to.equal(firefox);
    expect(await keptOf('')).to.equal('');
    expect(await keptOf('x'.repeat(1_000_000))).to.equal('x'.repeat(512));
    expect(await keptOf('\u{1F5A5}'.repeat(300))).to.equal('\u{1F5A5}'.repeat(256));
    expect(await keptOf(`x${'\u{1F5A5}'.repeat(300)}`)).to.equal(`x${'\u{1F5A5}'.repeat(255)}\u{FFFD}`);
  });

  it('is left out if it is no string, whatever the types promise', async () => {
    for (const odd of [{ length: 5 }, ['x'.repeat(1_000_000)], 42, null, undefined]) {
      expect(await keptOf(odd)).to.equal(undefined);
    }
  });
});

withRedisClient('The user agent of a session in Redis', (client) => {
  it('may be any text, and takes little room', async () => {
    const manager = new JwtManager({
      secretKey: SECRET,
      loaders: [],
      revocationStore: new RedisRevocationStore(client(), { prefix: 'agents:' }),
    });
    const odd = ['\u{D83D}', 'a\u0000b', '"\\\n', '\u{1F5A5}'.repeat(300_000)];
    for (const userAgent of odd) await manager.createTokenPair('alice', { userAgent });
    const listed = (await manager.sessions('alice')).map(({ userAgent }) => userAgent);
    expect(listed).to.have.members(['\u{FFFD}', 'a\u0000b', '"\\\n', '\u{1F5A5}'.repeat(256)]);
    for (const key of await client().keys('agents:*:session:*')) {
      expect(String(await client().get(key)).length).to.be.below(2000);
    }
  });
});
