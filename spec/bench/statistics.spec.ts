import path from 'node:path';
import { expect } from 'chai';
import { ROOT } from '../support/root';

interface Interval {
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

interface Statistics {
  readonly median: (numbers: readonly number[]) => number;
  readonly interval: (numbers: readonly number[]) => Interval;
  readonly quotientOf: (numbers: readonly number[], others: readonly number[]) => Interval;
  readonly compared: (interval: Interval, value?: number) => string;
}

const RISING = Array.from({ length: 25 }, (_, i) => 1 + i / 100);

describe('bench: statistics', () => {
  let statistics: Statistics;

  before(async () => {
    statistics = (await import(path.join(ROOT, 'bench/measure/statistics.mjs'))) as Statistics;
  });

  it('finds the median of numbers in any order, and changes none of them', () => {
    const numbers = Object.freeze([3, 1, 2]);
    expect(statistics.median(numbers)).to.equal(2);
    expect(statistics.median([4, 1, 3, 2])).to.equal(2.5);
  });

  it('gives the same interval for the same numbers', () => {
    expect(statistics.interval(RISING)).to.deep.equal(statistics.interval([...RISING]));
    expect(statistics.quotientOf(RISING, [2, 3])).to.deep.equal(statistics.quotientOf(RISING, [2, 3]));
  });

  it('has the median within its interval, and nothing outside of the numbers', () => {
    const { median, low, high } = statistics.interval(RISING);
    expect(median).to.equal(1.12);
    expect(low).to.be.within(1, 1.1);
    expect(high).to.be.within(1.14, 1.24);
  });

  it('covers the true median about 95 times in 100', () => {
    let seed = 1;
    const random = (): number => (seed = (seed * 48271) % 2147483647) / 2147483647;
    let covered = 0;
    for (let i = 0; i < 200; i++) {
      const { low, high } = statistics.interval(Array.from({ length: 12 }, random));
      if (low <= 0.5 && 0.5 <= high) covered++;
    }
    expect(covered / 200).to.be.within(0.88, 0.99);
  });

  it('narrows with more numbers, and is a point if they are all equal', () => {
    const width = ({ low, high }: Interval): number => high - low;
    const few = statistics.interval([1, 1.1, 1.2, 1.3]);
    const many = statistics.interval(Array.from({ length: 80 }, (_, i) => 1 + (i % 4) / 10));
    expect(width(many)).to.be.below(width(few));
    expect(statistics.interval([7, 7, 7])).to.deep.equal({ median: 7, low: 7, high: 7 });
  });

  it('draws both sides of a quotient', () => {
    const { median, low, high } = statistics.quotientOf([2, 2, 2], [1, 1, 2]);
    expect(median).to.equal(2);
    expect(low).to.equal(1);
    expect(high).to.equal(2);
  });

  it('says no difference where the interval includes 1', () => {
    expect(statistics.compared({ median: 0.98, low: 0.9, high: 1.01 })).to.equal('no difference');
    expect(statistics.compared({ median: 1, low: 1, high: 1.1 })).to.equal('no difference');
    expect(statistics.compared({ median: 0.9, low: 0.8, high: 0.99 })).to.equal('below');
    expect(statistics.compared({ median: 1.1, low: 1.01, high: 1.2 })).to.equal('above');
    expect(statistics.compared({ median: 1.1, low: 1.01, high: 1.2 }, 1.2)).to.equal('no difference');
  });
});
