import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { run } from '../support/Program';
import { hasRedis } from '../support/RedisServer';
import { ROOT } from '../support/root';

interface Quartiles {
  readonly q1: number;
  readonly median: number;
  readonly q3: number;
}

interface Measured {
  readonly key: string;
  readonly addedMicros: Quartiles;
}

interface Results {
  readonly node: string;
  readonly skipped: readonly { readonly title: string; readonly reason: string }[];
  readonly loopback: readonly (Measured & {
    readonly ratio: Quartiles;
    readonly bareRate: number;
    readonly guardedRate: number;
  })[];
  readonly inProcess: readonly (Measured & { readonly bareMicros: number })[];
  readonly growth: readonly Measured[];
  readonly alone: readonly {
    readonly algorithm: string;
    readonly library: string;
    readonly micros: Quartiles;
  }[];
  readonly startup: {
    readonly rows: readonly { readonly actions: number; readonly guardedMillis: number }[];
  };
  readonly memory: { readonly tokens: number; readonly rssGrowth: { readonly end: number } };
  readonly bars: readonly { readonly goal: string; readonly value?: number; readonly verdict: string }[];
}

const ALWAYS = [
  'seen',
  'new',
  'user-loader',
  'memory-store',
  'cookies',
  'RS256-seen',
  'RS256-new',
  'ES256-seen',
  'ES256-new',
  'forged',
  'expired',
  'missing',
  'by-hand',
];

describe('bench', function () {
  this.timeout(60_000);
  const major = process.versions.node.split('.')[0] ?? '';
  let folder: string;
  let printed: string;
  let results: Results;

  before(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'jwt-bench-'));
    const library = path.join(__dirname, '../../src/index.js');
    const args = ['--quick', '--only=ours', `--library=${library}`, `--out=${folder}`];
    printed = await run(process.execPath, [path.join(ROOT, 'bench/index.mjs'), ...args], { cwd: ROOT });
    const file = path.join(folder, `bench/results/${major}.json`);
    results = JSON.parse(readFileSync(file, 'utf8')) as Results;
  });
  after(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  it('measures the library over loopback and in process', () => {
    const keys = [...ALWAYS, ...(hasRedis ? ['redis-store'] : [])];
    expect(results.node).to.equal(process.version);
    expect(results.loopback.map(({ key }) => key)).to.include.members(keys);
    expect(results.inProcess.map(({ key }) => key)).to.include.members(keys);
    for (const { ratio, bareRate, guardedRate } of results.loopback) {
      expectNumbers(ratio);
      expect(bareRate).to.be.above(0);
      expect(guardedRate).to.be.above(0);
    }
    for (const { bareMicros } of results.inProcess) expect(bareMicros).to.be.above(0);
    for (const { title, reason } of results.skipped)
      expect(`${title}: ${reason}`).to.match(/EdDSA|redis-server/);
  });

  it('measures tokens alone, growth, startup and memory', () => {
    for (const algorithm of ['HS256', 'RS256', 'ES256']) {
      const rows = results.alone.filter((each) => each.algorithm === algorithm && each.library === 'ours');
      expect(rows, algorithm).to.have.length(2);
    }
    for (const { micros } of results.alone) expectNumbers(micros);
    expect(results.growth.map(({ key }) => key)).to.include.members([
      'routes',
      'services',
      'managers',
      'revoked',
      'by-hand-routes',
    ]);
    for (const { guardedMillis } of results.startup.rows) expect(guardedMillis).to.be.above(0);
    expect(results.memory.rssGrowth.end).to.be.a('number');
  });

  it('compares with every goal, and says which were not measured', () => {
    expect(results.bars).to.have.length(8);
    for (const { goal, value, verdict } of results.bars) {
      if (value === undefined) expect(verdict, goal).to.equal('not measured');
      else expect(verdict, goal).to.match(/^(not )?reached$/);
    }
    expect(results.bars.filter(({ value }) => value !== undefined)).to.have.length.of.at.least(4);
  });

  it('prints a row for each goal, and names Node in every table', () => {
    const lines = printed.split('\n');
    const heads = lines.filter((_, i) => (lines[i + 1] ?? '').startsWith('| ---'));
    expect(heads).to.have.length(6);
    for (const head of heads) expect(head).to.include(process.version);
    const row = lines.find((line) => line.includes('| every token new |')) ?? '';
    const [, , , ratio, rates] = row.split('|').map((cell) => cell.trim());
    expect(ratio).to.match(/^\d+\.\d\d \(\d+\.\d\d–\d+\.\d\d\)$/);
    expect(rates).to.match(/^[\d,]+ \/ [\d,]+$/);
    for (const { goal, verdict } of results.bars) expect(printed).to.match(line(goal, verdict));
  });

  it('draws an XML chart with a bar for each scenario', () => {
    const svg = readFileSync(path.join(folder, 'docs/benchmark.svg'), 'utf8');
    expectWellFormed(svg);
    expect(svg).to.match(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" viewBox="0 0 \d+ \d+"/);
    expect(svg).to.include(`Node ${process.version}</title>`).and.include('prefers-color-scheme: dark');
    expect(svg.match(/<rect class="(ours|peer)"/g)).to.have.length(results.loopback.length);
    expect(svg).to.not.match(/NaN|undefined|Infinity/);
  });
});

function expectNumbers({ q1, median, q3 }: Quartiles): void {
  expect(q1).to.be.above(0);
  expect(median).to.be.within(q1, q3);
}

function line(goal: string, verdict: string): RegExp {
  const escaped = goal.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
  return new RegExp(`^\\| ${escaped} +\\|.*\\| ${verdict} +\\|$`, 'm');
}

/** Expects matching tags, quoted attributes and escaped text. */
function expectWellFormed(xml: string): void {
  const open: string[] = [];
  const rest = xml.replace(
    /<(\/?)([a-zA-Z]+)((?: [a-zA-Z0-9:-]+="[^"<&]*(?:&\w+;[^"<&]*)*")*)(\/?)>/g,
    (_, closing: string, name: string, _attributes: string, empty: string) => {
      if (closing !== '') expect(open.pop()).to.equal(name);
      else if (empty === '') open.push(name);
      return '';
    },
  );
  expect(open).to.deep.equal([]);
  expect(rest).to.not.match(/[<>]|&(?!\w+;)/);
}
