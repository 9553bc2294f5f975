import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { VerdictCache } from '../../../src/store/redis/VerdictCache';
import type { TokenFacts } from '../../../src/index';
import { heapUsed } from '../../support/heapUsed';

const inSeconds = (): number => Date.now() / 1000;
const token = (): TokenFacts => ({ identity: randomUUID(), type: 'access', jti: randomUUID(), gen: 0 });

/** Keeps a verdict as a store does. */
function learn(cache: VerdictCache, one: TokenFacts, until = inSeconds() + 900): void {
  const group = cache.group(one.identity);
  cache.keep(one, 'valid', group, until);
  cache.release(group);
}

describe('VerdictCache', () => {
  const realNow = Date.now;
  const realPerformanceNow = performance.now.bind(performance);
  afterEach(() => {
    Date.now = realNow;
    performance.now = realPerformanceNow;
  });

  it('never exceeds its limit, and frees its memory', () => {
    const cache = new VerdictCache(1000);
    const flood = (size: number): void => {
      for (let i = 0; i < size; i++) {
        learn(cache, token());
        if (i % 100 === 0) cache.sweep();
      }
    };
    flood(2000);
    const before = heapUsed();
    flood(200_000);
    expect(cache.size).to.equal(1000);
    expect(heapUsed() - before).to.be.below(1_000_000);
    cache.clear();
    expect(before - heapUsed()).to.be.greaterThan(200_000);
  });

  it('keeps nothing for checks without a verdict', () => {
    const cache = new VerdictCache(1000);
    const ask = (times: number): void => {
      for (let i = 0; i < times; i++) cache.release(cache.group(randomUUID()));
    };
    ask(1000);
    const before = heapUsed();
    ask(100_000);
    expect(heapUsed() - before).to.be.below(1_000_000);
  });

  it('evicts expired entries, even if nobody asks for them', () => {
    const cache = new VerdictCache(1000);
    const [short, long] = [token(), token()];
    learn(cache, short, inSeconds() + 30);
    learn(cache, long, inSeconds() + 300);
    cache.sweep();
    expect(cache.size).to.equal(2);
    Date.now = () => realNow() + 61_000;
    performance.now = () => realPerformanceNow() + 61_000;
    cache.sweep();
    expect(cache.size).to.equal(1);
    expect(cache.get(long)).to.equal('valid');
  });

  it('treats an expiry that is not a number as past', () => {
    const cache = new VerdictCache(1000);
    learn(cache, token(), NaN);
    expect(cache.size).to.equal(0);
  });

  it('keeps the last entry under one jti, and drops it with its own group', () => {
    const cache = new VerdictCache(1000);
    const one = token();
    const other = { ...one, identity: 'eve' };
    learn(cache, one);
    learn(cache, other);
    expect([cache.get(one), cache.get(other)]).to.deep.equal([undefined, 'valid']);
    cache.drop(one.identity);
    expect(cache.get(other)).to.equal('valid');
    cache.drop('eve');
    expect(cache.size).to.equal(0);
  });
});
