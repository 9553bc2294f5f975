import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { VerdictCache } from '../../src/store/redis/VerdictCache';
import type { TokenFacts } from '../../src/index';
import { heapUsed } from '../support/heapUsed';

const inSeconds = (): number => Date.now() / 1000;
const token = (): TokenFacts => ({ identity: randomUUID(), type: 'access', jti: randomUUID(), gen: 0 });

/** As a store does with an answer that is not local. */
function learn(answers: VerdictCache, one: TokenFacts, until = inSeconds() + 900): void {
  const group = answers.group(one.identity);
  answers.keep(one, 'valid', group, until);
  answers.release(group);
}

describe('VerdictCache', () => {
  const realNow = Date.now;
  const realPerformanceNow = performance.now.bind(performance);
  afterEach(() => {
    Date.now = realNow;
    performance.now = realPerformanceNow;
  });

  it('never outgrows its room, and gives back what it took', () => {
    const answers = new VerdictCache(1000);
    const flood = (size: number): void => {
      for (let i = 0; i < size; i++) {
        learn(answers, token());
        if (i % 100 === 0) answers.sweep();
      }
    };
    flood(2000);
    const before = heapUsed();
    flood(200_000);
    expect(answers.size).to.equal(1000);
    expect(heapUsed() - before).to.be.below(1_000_000);
    answers.clear();
    expect(before - heapUsed()).to.be.greaterThan(200_000);
  });

  it('keeps nothing of questions that were not answered', () => {
    const answers = new VerdictCache(1000);
    const ask = (times: number): void => {
      for (let i = 0; i < times; i++) answers.release(answers.group(randomUUID()));
    };
    ask(1000);
    const before = heapUsed();
    ask(100_000);
    expect(heapUsed() - before).to.be.below(1_000_000);
  });

  it('forgets what has ended, though nobody asks for it', () => {
    const answers = new VerdictCache(1000);
    const [short, long] = [token(), token()];
    learn(answers, short, inSeconds() + 30);
    learn(answers, long, inSeconds() + 300);
    answers.sweep();
    expect(answers.size).to.equal(2);
    Date.now = () => realNow() + 61_000;
    performance.now = () => realPerformanceNow() + 61_000;
    answers.sweep();
    expect(answers.size).to.equal(1);
    expect(answers.get(long)).to.equal('valid');
  });

  it('takes an end that is no number for one that is over', () => {
    const answers = new VerdictCache(1000);
    learn(answers, token(), NaN);
    expect(answers.size).to.equal(0);
  });

  it('keeps the answer of whoever asked last under one jti, and drops it with its own group', () => {
    const answers = new VerdictCache(1000);
    const one = token();
    const other = { ...one, identity: 'eve' };
    learn(answers, one);
    learn(answers, other);
    expect([answers.get(one), answers.get(other)]).to.deep.equal([undefined, 'valid']);
    answers.drop(one.identity);
    expect(answers.get(other)).to.equal('valid');
    answers.drop('eve');
    expect(answers.size).to.equal(0);
  });
});
