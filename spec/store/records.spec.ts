import { expect } from 'chai';
import {
  JwtConfigurationError,
  MemoryRevocationStore,
  RevocationStore,
  type TokenFacts,
} from '../../src/index';
import { JwtClock } from '../../src/testing/JwtClock';
import { now } from '../support/forge';
import { rejection } from '../support/rejection';

function facts(more: Partial<TokenFacts> = {}): TokenFacts {
  return { identity: 'alice', jti: 'a', type: 'access', iat: now(), ...more };
}

describe('What a store in memory remembers', () => {
  let store: MemoryRevocationStore;
  beforeEach(() => {
    store = new MemoryRevocationStore();
  });

  it('is nothing of tokens without a name', async () => {
    const nameless = facts({ jti: null });
    await store.revoke(nameless);
    expect(await store.check(nameless, 10)).to.equal('valid');
    expect(await store.spend(nameless)).to.equal(false);
    expect(await store.check(nameless, 10)).to.equal('valid');
  });

  it('is that a token was revoked or spent, for a minute longer than it lives', async () => {
    const clock = new JwtClock();
    try {
      const [revoked, spent, endless] = [
        facts({ jti: 'revoked', until: now() + 100 }),
        facts({ jti: 'spent', until: now() + 100 }),
        facts({ jti: 'endless' }),
      ];
      await store.revoke(revoked);
      await store.revoke(endless);
      expect([await store.spend(spent), await store.spend(spent)]).to.deep.equal([true, false]);
      const verdicts = async (): Promise<string[]> =>
        Promise.all([revoked, spent, endless].map(async (token) => store.check(token, 10)));
      expect(await verdicts()).to.deep.equal(['revoked', 'revoked', 'revoked']);
      clock.advance(155);
      expect(await verdicts()).to.deep.equal(['revoked', 'revoked', 'revoked']);
      clock.advance(10);
      expect(await verdicts()).to.deep.equal(['valid', 'valid', 'revoked']);
    } finally {
      clock.restore();
    }
  });

  it('is no session that was not started', async () => {
    expect(await store.sessions('alice')).to.deep.equal([]);
    expect(await store.rotate(facts({ type: 'refresh', sid: 'none' }), 'b', 10)).to.equal('revoked');
    await store.endSession('alice', 'none');
    await store.revokeAll('alice');
    expect(await store.sessions('alice')).to.deep.equal([]);
    expect(await store.generation('alice')).to.equal(1);
  });

  it('is no session that has ended, but those beside it', async () => {
    const clock = new JwtClock();
    try {
      await store.startSession({ identity: 'alice', sid: 'short', jti: 'a', until: now() + 10 });
      await store.startSession({ identity: 'alice', sid: 'long', jti: 'b', until: now() + 100 });
      clock.advance(50);
      expect((await store.sessions('alice')).map(({ sid }) => sid)).to.deep.equal(['long']);
      await store.endSession('bob', 'long');
      expect(await store.sessions('alice')).to.have.length(1);
      await store.endSession('alice', 'long');
      await store.endSession('alice', 'long');
      expect(await store.sessions('alice')).to.deep.equal([]);
    } finally {
      clock.restore();
    }
  });
});

describe('A store without the method spend', () => {
  it('says that tokens for single use need it', async () => {
    const OldStore = class OldStore {} as unknown as new () => RevocationStore;
    Object.setPrototypeOf(OldStore.prototype, RevocationStore.prototype);
    const error = await rejection(new OldStore().spend(facts()));
    expect(error).to.be.instanceOf(JwtConfigurationError);
    expect(error.message).to.match(/^OldStore has no method spend, which tokens for single use need: /);
  });
});
