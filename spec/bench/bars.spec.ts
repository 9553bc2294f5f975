import path from 'node:path';
import { expect } from 'chai';
import { ROOT } from '../support/root';

interface Interval {
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

interface Goal {
  readonly goal: string;
  readonly bar: string;
  readonly node: string;
  readonly value?: Interval;
  readonly verdict: string;
}

interface Bars {
  readonly compareWithBars: (results: object) => readonly Goal[];
}

const about = (median: number): Interval => ({ median, low: median - 0.05, high: median + 0.05 });

describe('bench: goals', () => {
  let goals: (results: object) => readonly Goal[];

  before(async () => {
    const { compareWithBars } = (await import(path.join(ROOT, 'bench/report/bars.mjs'))) as Bars;
    goals = (results) => compareWithBars({ node: 'v24.0.0', ...results });
  });

  function verdictOn(goal: string, results: object): string | undefined {
    return goals(results).find((each) => each.goal === goal)?.verdict;
  }

  it('are reached or not with the whole interval, and otherwise undecided', () => {
    const seen = (byFloor: Interval): object => ({ loopback: [{ key: 'seen', byFloor }] });
    expect(verdictOn('same token / floor', seen(about(1.05)))).to.equal('reached');
    expect(verdictOn('same token / floor', seen(about(1)))).to.equal('undecided');
    expect(verdictOn('same token / floor', seen(about(0.9)))).to.equal('not reached');
    expect(verdictOn('same token / floor', {})).to.equal('not measured');
  });

  it('may be an upper limit', () => {
    const start = (ratio: Interval): object => ({ startup: { rows: [{ actions: 100, whole: { ratio } }] } });
    const goal = 'start with 100 guarded actions / with 100 open ones, time';
    expect(verdictOn(goal, start(about(1.05)))).to.equal('reached');
    expect(verdictOn(goal, start(about(1.3)))).to.equal('not reached');
  });

  it('compare with the best of the peers on the same framework', () => {
    const goal = 'same token / bare, by that of the best peer on routing-controllers';
    const loopback = [
      { key: 'seen', samples: [0.8, 0.8], ratio: about(0.8) },
      { key: 'koa-jwt', samples: [0.2, 0.2], ratio: about(0.2) },
      { key: 'koa-jwt-key-object', samples: [0.4, 0.4], ratio: about(0.4) },
      { key: 'fastify-jwt', samples: [0.9, 0.9], ratio: about(0.9) },
    ];
    expect(goals({ loopback }).find((each) => each.goal === goal)?.value?.median).to.equal(2);
    expect(verdictOn(goal, { loopback })).to.equal('reached');
  });

  it('name their Node and their bar', () => {
    for (const { node, bar } of goals({})) {
      expect(node).to.equal('v24.0.0');
      expect(bar).to.match(/^[≥≤] \d\.\d\d$/);
    }
  });
});
