import { expect } from 'chai';
import fc from 'fast-check';
import { ExpiryQueue, type Ending } from '../../src/store/ExpiryQueue';

describe('ExpiryQueue', () => {
  it('gives back first what ends first, whatever is added meanwhile', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.nat(20), fc.constant(undefined)), { maxLength: 60 }), (steps) => {
        const queue = new ExpiryQueue<Ending>();
        let expected: number[] = [];
        for (const until of steps) {
          if (until === undefined) {
            queue.shift();
            expected = expected.slice(1);
          } else {
            queue.add({ until });
            expected = [...expected, until].sort((one, other) => one - other);
          }
          expect(queue.peek()?.until).to.equal(expected[0]);
          expect(queue.size).to.equal(expected.length);
        }
      }),
    );
  });
});
