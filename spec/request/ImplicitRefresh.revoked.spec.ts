import { expect } from 'chai';
import { MemoryRevocationStore, type JwtOptions, type TokenFacts, type Verdict } from '../../src/index';
import type { Answer } from '../support/Server';
import { StoreGate } from '../support/StoreGate';

/** Due for a refresh at once. */
const SOON_OVER = { expires: 60 };

describe('JwtManager.refreshImplicitly(ctx, state) with a revocation store', () => {
  let gate: StoreGate;

  const open = async (options: JwtOptions): Promise<void> => {
    gate = await StoreGate.of({
      tokenLocation: ['cookies'],
      cookieCsrfProtect: false,
      accessTokenExpires: 600,
      implicitRefreshWithin: 500,
      ...options,
    });
  };
  afterEach(() => gate.close());

  const me = (token: string): Promise<Answer> =>
    gate.server.send('/me', { headers: { cookie: `access_token_cookie=${token}` } });
  const reissued = ({ headers }: Answer): string | undefined =>
    /^access_token_cookie=([^;]+)/.exec(headers['set-cookie']?.[0] ?? '')?.[1];

  it('re-issues a token of the same session, and it ends with the session', async () => {
    await open({ revocationStore: new MemoryRevocationStore() });
    const { accessToken } = await gate.manager.createTokenPair('alice', SOON_OVER);
    const next = String(reissued(await me(accessToken)));
    const [{ sid, gen }, old] = [
      await gate.manager.decodeToken(next),
      await gate.manager.decodeToken(accessToken),
    ];
    expect({ sid, gen }).to.deep.equal({ sid: old['sid'], gen: 0 });
    await gate.manager.revokeSession(accessToken);
    expect((await me(next)).status).to.equal(401);
  });

  it('does not undo a log-out everywhere right after the check', async () => {
    class Overtaken extends MemoryRevocationStore {
      checks = 0;
      override async check(token: TokenFacts, grace: number): Promise<Verdict> {
        const verdict = await super.check(token, grace);
        if (++this.checks === 2) await this.revokeAll(token.identity);
        return verdict;
      }
    }
    await open({ revocationStore: new Overtaken() });
    const next = String(reissued(await me(await gate.manager.createAccessToken('alice', SOON_OVER))));
    expect((await me(next)).status).to.equal(401);
  });

  it('does not change the answer if the store fails meanwhile', async () => {
    class Failing extends MemoryRevocationStore {
      override async generation(): Promise<number> {
        throw new Error('The store is broken');
      }
    }
    // Made without a store, so the refresh must ask for a generation.
    await open({});
    const token = await gate.manager.createAccessToken('alice', SOON_OVER);
    await gate.close();
    await open({ revocationStore: new Failing() });
    const answer = await me(token);
    expect([answer.status, answer.json]).to.deep.equal([200, { identity: 'alice' }]);
    expect(reissued(answer)).to.equal(undefined);
  });
});
