import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { ROOT } from '../support/root';

interface Pages {
  readonly PAGES: readonly string[];
  readonly publishedResults: () => readonly object[];
  readonly withFigures: (page: string, results: readonly object[]) => string;
}

const read = (file: string): string => readFileSync(path.join(ROOT, file), 'utf8');
const spread = (median: number): object => ({ median, low: median - 0.01, high: median + 0.01 });

function resultsOf(node: string, ratio: number): object {
  const addedMicros = spread(5);
  return {
    node,
    cpus: 2,
    rounds: 7,
    seconds: 1,
    loopback: [
      { key: 'seen', ratio: spread(ratio), byFloor: spread(0.98), addedMicros },
      { key: 'koa-jwt', ratio: spread(0.2), addedMicros },
    ],
    bars: [
      { goal: 'a goal', bar: '≥ 0.90', value: spread(ratio), verdict: 'reached' },
      { goal: 'another', bar: '≤ 2.00', verdict: 'not measured' },
    ],
  };
}

describe('The figures on pages', () => {
  let pages: Pages;

  before(async () => {
    pages = (await import(path.join(ROOT, 'bench/report/pages.mjs'))) as Pages;
  });

  it('are what the published results make', () => {
    for (const page of pages.PAGES) {
      const text = read(page);
      expect(text, page).to.match(/<!-- bench: /);
      expect(pages.withFigures(text, pages.publishedResults()), page).to.equal(text);
    }
  });

  it('are of the Node that a mark names, each row with its Node', () => {
    const page = 'Before\n\n<!-- bench: servers of 26 -->\n\nOld\n\n<!-- end -->\n\nAfter\n';
    const written = pages.withFigures(page, [resultsOf('v24.1.0', 0.91), resultsOf('v26.2.0', 0.93)]);
    expect(written).to.match(/^Before\n\n<!-- bench: servers of 26 -->\n\nOn Node 26\.2\.0, on 2 /);
    expect(written).to.match(/\| 26\.2\.0 \| same token again and again +\| 0\.93 \(0\.92–0\.94\) \| 0\.98 /);
    expect(written).to.match(
      /\| 26\.2\.0 \| routing-controllers: koa-jwt.* \| 0\.20 \(0\.19–0\.21\) \| +\| 5 /,
    );
    expect(written).to.not.match(/Old|24\.1|0\.91|undefined/);
    expect(written).to.match(/\n<!-- end -->\n\nAfter\n$/);
  });

  it('compare every published Node with the goals', () => {
    const page = '<!-- bench: goals -->\n<!-- end -->\n';
    const written = pages.withFigures(page, [resultsOf('v24.1.0', 0.91), resultsOf('v26.2.0', 0.93)]);
    expect(written).to.match(/\| goal +\| bar +\| Node 24\.1\.0 +\| Node 26\.2\.0 +\|/);
    expect(written).to.match(/\| a goal +\| ≥ 0\.90 \| 0\.91 \(0\.90–0\.92\), reached \| 0\.93 /);
    expect(written).to.match(/\| another +\| ≤ 2\.00 \| not measured +\| not measured +\|/);
  });

  it('stay as they are without results, and do not change when written twice', () => {
    const page = '<!-- bench: same token of 24 -->\n\nOld\n\n<!-- end -->\n';
    expect(pages.withFigures(page, [resultsOf('v26.2.0', 0.93)])).to.equal(page);
    const once = pages.withFigures(page, [resultsOf('v24.1.0', 0.91)]);
    expect(once)
      .to.include('handles 0.91 (0.90–0.92) of')
      .and.include('koa-jwt on the same application: 0.20');
    expect(pages.withFigures(once, [resultsOf('v24.1.0', 0.91)])).to.equal(once);
  });
});
