import { expect } from 'chai';
import { MemoryRevocationStore, type TokenFacts, type Verdict } from '../../src/index';
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

describe('revocationStoreContract(makeStore)', () => {
  for (const Broken of [ForgetsRevocations, KeepsSessions, NeverCountsUp, ForgivesReuse]) {
    it(`finds a store that breaks it: ${Broken.name}`, async () => {
      const results = await Promise.allSettled(
        revocationStoreContract(() => new Broken()).map(({ run }) => run()),
      );
      const failed = results.filter(({ status }) => status === 'rejected').length;
      expect(failed).to.be.greaterThan(0).and.below(results.length);
    });
  }
});
