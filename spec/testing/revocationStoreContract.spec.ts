import { expect } from 'chai';
import { MemoryRevocationStore, type NewSession, type TokenFacts, type Verdict } from '../../src/index';
import { revocationStoreContract } from '../../src/testing/index';

class ForgetsRevocations extends MemoryRevocationStore {
  override async revoke(): Promise<void> {}
}
class KeepsSessions extends MemoryRevocationStore {
  override async endSession(): Promise<void> {}
}
class NeverCountsUp extends MemoryRevocationStore {
  override async revokeAll(): Promise<void> {}
}
class ForgivesReuse extends MemoryRevocationStore {
  override async rotate(token: TokenFacts, jti: string): Promise<Verdict> {
    return super.rotate(token, jti, Infinity);
  }
}
class ForgetsTheBound extends MemoryRevocationStore {
  override async startSession(session: NewSession): Promise<number> {
    return super.startSession(session);
  }
}
/** Ends the sessions that end first, and not the first to start. */
class EndsTheWrongOnes extends MemoryRevocationStore {
  override async startSession(session: NewSession, max: number | false = false): Promise<number> {
    const generation = await super.startSession(session);
    if (max === false) return generation;
    const others = (await this.sessions(session.identity)).filter(({ sid }) => sid !== session.sid);
    others.sort((one, other) => Number(one.until) - Number(other.until));
    const excess = others.slice(0, Math.max(0, others.length + 1 - max));
    for (const { sid } of excess) await this.endSession(session.identity, sid);
    return generation;
  }
}
class TakesABurstForTheft extends MemoryRevocationStore {
  override async rotate(token: TokenFacts, jti: string, grace: number): Promise<Verdict> {
    const verdict = await super.rotate(token, jti, grace);
    if (verdict === 'revoked') await this.endSession(token.identity, String(token.sid));
    return verdict;
  }
}
/** Of the tokens of one exchange, it keeps the ones that were not exchanged. */
class KeepsSiblings extends MemoryRevocationStore {
  readonly #siblings = new Set<string | null>();
  override check(token: TokenFacts, grace: number): Verdict | Promise<Verdict> {
    return this.#siblings.has(token.jti) ? 'valid' : super.check(token, grace);
  }
  override async rotate(token: TokenFacts, jti: string, grace: number): Promise<Verdict> {
    if (this.#siblings.delete(token.jti)) return 'valid';
    const verdict = await super.rotate(token, jti, grace);
    if (verdict === 'valid' && grace > 0) this.#siblings.add(jti);
    return verdict;
  }
}

/** Two at once both find that the token was not revoked. */
class SpendsTwice extends MemoryRevocationStore {
  override async spend(token: TokenFacts): Promise<boolean> {
    if ((await this.check(token, 0)) === 'revoked') return false;
    await this.revoke(token);
    return true;
  }
}
class ForgetsWhatIsSpent extends MemoryRevocationStore {
  readonly #spent = new Set<string | null>();
  override async spend({ jti }: TokenFacts): Promise<boolean> {
    const isFirst = !this.#spent.has(jti);
    this.#spent.add(jti);
    return isFirst;
  }
}

describe('revocationStoreContract(makeStore)', () => {
  for (const Broken of [
    ForgetsRevocations,
    KeepsSessions,
    NeverCountsUp,
    ForgivesReuse,
    ForgetsTheBound,
    EndsTheWrongOnes,
    TakesABurstForTheft,
    KeepsSiblings,
    SpendsTwice,
    ForgetsWhatIsSpent,
  ]) {
    it(`finds a store that breaks it: ${Broken.name}`, async () => {
      const results = await Promise.allSettled(
        revocationStoreContract(() => new Broken()).map(({ run }) => run()),
      );
      const failed = results.filter(({ status }) => status === 'rejected').length;
      expect(failed).to.be.greaterThan(0).and.below(results.length);
    });
  }
});
