import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { LocalAnswers } from '../../src/revocation/LocalAnswers';
import type { TokenFacts } from '../../src/index';
import { heapUsed } from '../support/heapUsed';

const inSeconds = (): number => Date.now() / 1000;
const token = (): TokenFacts => ({ identity: randomUUID(), type: 'access', jti: randomUUID(), gen: 0 });

/** Keeps a verdict as a store does. */
function learn(answers: LocalAnswers, one: TokenFacts, until = inSeconds() + 900): void {
  const group = answers.group(one.identity);
  answers.keep(one, 'valid', group, until);
  answers.release(group);
}

describe('LocalAnswers', () => {
  const realNow = Date.now;
  const realPerformanceNow = performance.now.bind(performance);
  afterEach(() => {
    Date.now = realNow;
    performance.now = realPerformanceNow;
  });

  it('never exceeds its limit, and frees its memory', () => {
    const answers = new LocalAnswers(1000);
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

  it('keeps nothing for checks without a verdict', () => {
    const answers = new LocalAnswers(1000);
    const ask = (times: number): void => {
      for (let i = 0; i < times; i++) answers.release(answers.group(randomUUID()));
    };
    ask(1000);
    const before = heapUsed();
    ask(100_000);
    expect(heapUsed() - before).to.be.below(1_000_000);
  });

  it('evicts expired entries, even if nobody asks for them', () => {
    const answers = new LocalAnswers(1000);
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

  it('treats an expiry that is not a number as past', () => {
    const answers = new LocalAnswers(1000);
    learn(answers, token(), NaN);
    expect(answers.size).to.equal(0);
  });

  it('keeps the last entry under one jti, and drops it with its own group', () => {
    const answers = new LocalAnswers(1000);
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
