import { expect } from 'chai';
import type Koa from 'koa';
import { Ctx, Get, JsonController, Post } from 'routing-controllers';
import { Container, Service } from 'typedi';
import {
  JwtManager,
  JwtRequired,
  MemoryRevocationStore,
  RefreshJwtRequired,
  RefreshTokenReusedLoader,
  type JwtOptions,
  type RevocationStore,
  type TokenPair,
} from '../../src/index';
import { RedisRevocationStore } from '../../src/store/redis/RedisRevocationStore';
import { expectRefused } from '../support/refused';
import { SECRET } from '../support/secret';
import { bearer, serve, type Answer, type Sent, type Server } from '../support/Server';
import { withRedisClient } from '../support/withRedisClient';

let reports = 0;

@Service()
@RefreshTokenReusedLoader()
class CountReuse {
  load(): void {
    reports++;
  }
}

@Service()
@JsonController()
class PageController {
  @Get('/me')
  @JwtRequired()
  me(): object {
    return {};
  }

  @Post('/refresh')
  @RefreshJwtRequired()
  async refresh(@Ctx() ctx: Koa.Context): Promise<TokenPair> {
    const manager = Container.get(JwtManager);
    const pair = await manager.rotate(ctx);
    await manager.setAccessCookies(ctx, pair.accessToken);
    await manager.setRefreshCookies(ctx, pair.refreshToken);
    return pair;
  }
}

describe('A burst of refreshes, with MemoryRevocationStore', () => {
  const realNow = Date.now;
  afterEach(() => {
    Date.now = realNow;
  });
  itSurvivesBursts(
    () => new MemoryRevocationStore(),
    () => {
      Date.now = () => realNow() + 11_000;
    },
  );
});

withRedisClient('A burst of refreshes, with RedisRevocationStore', (client) => {
  itSurvivesBursts(() => new RedisRevocationStore(client()));
});

/** `passGrace` makes the clock of the store go past the grace, where it can. */
function itSurvivesBursts(makeStore: () => RevocationStore, passGrace?: () => void): void {
  let manager: JwtManager;
  let server: Server;

  async function serving(options: JwtOptions = {}): Promise<void> {
    const tokenLocation = ['headers', 'cookies'] as const;
    const revocationStore = makeStore();
    const loaders = [CountReuse];
    manager = new JwtManager({ secretKey: SECRET, loaders, revocationStore, tokenLocation, ...options });
    server = await serve(manager, { controllers: [PageController] });
    reports = 0;
  }
  beforeEach(() => serving());
  afterEach(() => server.close());

  const inHeader = async (token: string): Promise<Sent> => Promise.resolve({ headers: bearer(token) });
  const inCookie = async (token: string): Promise<Sent> => ({
    headers: {
      cookie: `refresh_token_cookie=${token}`,
      'x-csrf-token': await manager.getCsrfToken(token),
    },
  });
  type Carry = typeof inHeader;

  const refresh = async (token: string, carry: Carry): Promise<Answer> =>
    server.send('/refresh', { method: 'POST', ...(await carry(token)) });
  const burst = (size: number, token: string, carry: Carry): Promise<Answer[]> =>
    Promise.all(Array.from({ length: size }, () => refresh(token, carry)));
  const pairsOf = (answers: readonly Answer[]): TokenPair[] =>
    answers.filter(({ status }) => status === 200).map(({ json }) => json as TokenPair);
  const next = async (token: string, carry: Carry): Promise<TokenPair> => {
    const answer = await refresh(token, carry);
    expect(answer.status, answer.text).to.equal(200);
    return answer.json as TokenPair;
  };
  const expectOut = async ({ accessToken, refreshToken }: TokenPair): Promise<void> => {
    for (const answer of [await server.get('/me', accessToken), await refresh(refreshToken, inHeader)]) {
      expectRefused(answer, 401, 'Token has been revoked', 'invalid_token');
    }
  };

  for (const [where, carry] of [
    ['headers', inHeader],
    ['cookies', inCookie],
  ] as const) {
    for (const size of [40, 100]) {
      it(`of ${size} in ${where} ends no session, and each pair works`, async () => {
        const identity = `alice ${where} ${size}`;
        const first = await manager.createTokenPair(identity);
        const answers = await burst(size, first.refreshToken, carry);
        const pairs = pairsOf(answers);
        expect(pairs).to.have.length(32);
        for (const refused of answers.filter(({ status }) => status !== 200)) {
          expectRefused(refused, 401, 'Token has been revoked', 'invalid_token');
          expect(refused.headers).to.not.have.property('set-cookie');
        }
        expect(reports).to.equal(0);
        expect(await manager.sessions(identity)).to.have.length(1);
        for (const { accessToken } of [first, ...pairs]) {
          expect((await server.get('/me', accessToken)).status).to.equal(200);
        }
        const second = await next(String(pairs.at(-1)?.refreshToken), carry);
        const third = await next(second.refreshToken, carry);
        expect((await server.get('/me', third.accessToken)).status).to.equal(200);
        expect(reports).to.equal(0);
      });
    }
  }

  it('may be repeated after it was refused', async () => {
    const { refreshToken } = await manager.createTokenPair('bob');
    for (let round = 0; round < 3; round++) await burst(30, refreshToken, inHeader);
    expect(await manager.sessions('bob')).to.have.length(1);
    expect(reports).to.equal(0);
  });

  it('leaves one line of tokens: to exchange a second pair ends the session', async () => {
    const first = await manager.createTokenPair('carol');
    const [owners, thiefs] = pairsOf(await burst(2, first.refreshToken, inHeader));
    if (owners === undefined || thiefs === undefined) throw new Error('Two refreshes make two pairs');
    const owner = await next(owners.refreshToken, inHeader);
    expect((await refresh(thiefs.refreshToken, inHeader)).status).to.equal(401);
    expect(reports).to.equal(1);
    for (const pair of [first, owners, thiefs, owner]) await expectOut(pair);
    expect(await manager.sessions('carol')).to.deep.equal([]);
  });

  it('lets a client repeat an exchange whose answer it has lost', async () => {
    const first = await manager.createTokenPair('dan');
    const second = await next(first.refreshToken, inHeader);
    await next(second.refreshToken, inHeader);
    const again = await next(second.refreshToken, inHeader);
    expect((await server.get('/me', again.accessToken)).status).to.equal(200);
    expect(reports).to.equal(0);
  });

  if (passGrace === undefined) return;
  it('does not make reuse after the grace harmless', async () => {
    const first = await manager.createTokenPair('erin');
    const pairs = pairsOf(await burst(40, first.refreshToken, inHeader));
    passGrace();
    const second = await next(String(pairs.at(-1)?.refreshToken), inHeader);
    expect((await refresh(first.refreshToken, inHeader)).status).to.equal(401);
    expect(reports).to.equal(1);
    for (const pair of [first, ...pairs, second]) await expectOut(pair);
  });

  it('ends the session when it comes after the grace, though nobody has used its pairs', async () => {
    const first = await manager.createTokenPair('frank');
    const pairs = pairsOf(await burst(40, first.refreshToken, inHeader));
    passGrace();
    const late = await burst(5, first.refreshToken, inHeader);
    expect(new Set(late.map(({ status }) => status))).to.deep.equal(new Set([401]));
    expect(reports).to.equal(1);
    for (const pair of pairs.slice(0, 2)) await expectOut(pair);
  });
}
