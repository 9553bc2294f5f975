import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { run } from '../support/Program';
import { hasRedis } from '../support/RedisServer';
import { ROOT } from '../support/root';

interface Interval {
  readonly low: number;
  readonly median: number;
  readonly high: number;
}

interface Measured {
  readonly key: string;
  readonly addedMicros: Interval;
}

interface Results {
  readonly node: string;
  readonly skipped: readonly { readonly title: string; readonly reason: string }[];
  readonly loopback: readonly (Measured & {
    readonly ratio: Interval;
    readonly byFloor?: Interval;
    readonly byThan?: Interval;
    readonly rates: Readonly<Record<string, number>>;
  })[];
  readonly inProcess: readonly (Measured & { readonly bareMicros: number })[];
  readonly growth: readonly Measured[];
  readonly alone: readonly {
    readonly algorithm: string;
    readonly operation: string;
    readonly library: string;
    readonly micros: Interval;
  }[];
  readonly startup: {
    readonly rows: readonly {
      readonly actions: number;
      readonly whole: { readonly guardedMillis: number };
    }[];
  };
  readonly memory: { readonly tokens: number; readonly rssGrowth: { readonly end: number } };
  readonly bars: readonly {
    readonly goal: string;
    readonly bar: string;
    readonly value?: Interval;
    readonly verdict: string;
  }[];
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
  'nothing',
];

/** What has a floor by hand in the same rounds. */
const WITH_FLOOR = ['seen', 'new', 'user-loader', 'memory-store', 'cookies', 'forged', 'missing'];

const LIBRARY = path.join(__dirname, '../../src/index.js');

describe('bench', function () {
  this.timeout(180_000);
  const major = process.versions.node.split('.')[0] ?? '';
  let folder: string;
  let printed: string;
  let results: Results;

  before(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'jwt-bench-'));
    // Counts have a spec of their own.
    const parts = 'inprocess,loopback,alone,growth,startup,memory';
    printed = await bench('--quick', `--only=ours,${parts}`, `--library=${LIBRARY}`, `--out=${folder}`);
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
    for (const { ratio, rates } of results.loopback) {
      expectNumbers(ratio);
      expect(rates).to.include.keys('bare', 'guarded');
      for (const rate of Object.values(rates)) expect(rate).to.be.above(0);
    }
    for (const { bareMicros } of results.inProcess) expect(bareMicros).to.be.above(0);
    for (const { title, reason } of results.skipped)
      expect(`${title}: ${reason}`).to.match(/EdDSA|redis-server/);
  });

  it('compares each row with its floor by hand, and a store with what it adds to', () => {
    const redis = hasRedis
      ? { floors: ['redis-store'], others: ['redis-local'] }
      : { floors: [], others: [] };
    const having = (name: 'byFloor' | 'byThan'): string[] =>
      results.loopback.filter((each) => each[name] !== undefined).map(({ key }) => key);
    expect(having('byFloor')).to.have.members([...WITH_FLOOR, ...redis.floors]);
    expect(having('byThan')).to.have.members(['memory-store', ...redis.others]);
    for (const { byFloor } of results.loopback) if (byFloor !== undefined) expectNumbers(byFloor);
  });

  it('measures tokens alone, growth, startup and memory', () => {
    for (const algorithm of ['HS256', 'RS256', 'ES256']) {
      const rows = results.alone.filter((each) => each.algorithm === algorithm && each.library === 'ours');
      expect(rows, algorithm).to.have.length(2);
    }
    expect(results.alone.filter(({ operation }) => operation === 'createTokenPair')).to.have.length(2);
    for (const { micros } of results.alone) expectNumbers(micros);
    expect(results.growth.map(({ key }) => key)).to.include.members([
      'routes',
      'services',
      'managers',
      'revoked',
      'by-hand-routes',
    ]);
    for (const { whole } of results.startup.rows) expect(whole.guardedMillis).to.be.above(0);
    expect(results.memory.rssGrowth.end).to.be.a('number');
  });

  it('compares with every goal, and says which were not measured', () => {
    expect(results.bars).to.have.length(15);
    for (const { goal, value, verdict } of results.bars) {
      if (value === undefined) expect(verdict, goal).to.equal('not measured');
      else expect(verdict, goal).to.match(/^((not )?reached|undecided)$/);
    }
    expect(results.bars.filter(({ value }) => value !== undefined)).to.have.length.of.at.least(4);
  });

  it('prints a row for each goal, and names Node in every row', () => {
    const lines = printed.split('\n');
    const heads = lines.filter((_, i) => (lines[i + 1] ?? '').startsWith('| ---'));
    expect(heads).to.have.length(7);
    for (const row of lines.filter((each) => each.startsWith('| ') && !each.startsWith('| ---'))) {
      if (!heads.includes(row)) expect(row).to.match(new RegExp(`^\\| ${process.version} +\\|`));
    }
    const row = lines.find((line) => /\| every token new +\|/.test(line)) ?? '';
    const cells = row.split('|').map((cell) => cell.trim());
    const ratio = /^\d+\.\d\d( \(\d+\.\d\d–\d+\.\d\d\))?$/;
    for (const i of [4, 5, 7, 9, 10]) expect(cells[i]).to.match(ratio);
    expect(cells[6]).to.match(/^(faster|slower|no difference)$/);
    expect(cells[11]).to.match(/^[\d,]+ \/ [\d,]+ \/ [\d,]+$/);
    for (const { goal, verdict } of results.bars) expect(printed).to.match(line(goal, verdict));
  });

  it('draws an XML chart with a bar and its interval for each scenario, and a mark for each floor', () => {
    const svg = readFileSync(path.join(folder, 'docs/benchmark.svg'), 'utf8');
    expectWellFormed(svg);
    expect(svg).to.match(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" viewBox="0 0 \d+ \d+"/);
    expect(svg).to.include(`Node ${process.version}</title>`).and.include('prefers-color-scheme: dark');
    const drawn = results.loopback.filter(({ key }) => key !== 'nothing');
    expect(svg.match(/<rect class="(ours|peer)"/g)).to.have.length(drawn.length);
    expect(svg.match(/<line class="spread"/g)).to.have.length(3 * drawn.length);
    const floors = drawn.filter(({ byFloor }) => byFloor !== undefined);
    expect(svg.match(/<line class="floor"/g)).to.have.length(floors.length);
    expect(svg).to.not.match(/NaN|undefined|Infinity/);
  });
});

describe('bench --against --rows', function () {
  this.timeout(180_000);
  const major = process.versions.node.split('.')[0] ?? '';
  const files = [`bench/results/${major}.json`, 'docs/benchmark.svg'].map((file) => path.join(ROOT, file));
  let folder: string;
  let other: string;

  before(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'jwt-bench-against-'));
    other = otherCheckout(folder);
  });
  after(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  it('compares two builds row by row, and nothing else; writes no files', async () => {
    const before = files.map(contents);
    const redis = hasRedis ? ['redis-local'] : [];
    const keys = ['seen', 'user-loader', ...redis, 'forged', 'by-hand'].join();
    const printed = await bench('--quick', `--rows=${keys}`, `--library=${LIBRARY}`, `--against=${other}`);
    const ofRedis = hasRedis ? ['same token, revocation store on Redis, local cache'] : [];
    const compared = ['same token again and again', ...ofRedis, 'forged tokens, every one new'];

    const table = tableIn(printed, '| Node, two builds');
    expect(table.map(([, title]) => title)).to.deep.equal(compared.flatMap((title) => [title, title]));
    for (const [node, title, measured, ...ratios] of table) {
      expect(node, title).to.equal(process.version);
      expect(measured, title).to.match(/loopback$|in process$/);
      expect(ratios.pop(), title).to.match(/^(faster|slower|no difference)$/);
      expect(ratios, title).to.have.length(3);
      for (const each of ratios) expect(each, title).to.match(/^\d+\.\d{3}( \(\d+\.\d{3}–\d+\.\d{3}\))?$/);
    }
    const all = tableIn(printed, '| Node, loopback').map(([, , title]) => title);
    const byHand = 'one HMAC and one JSON.parse() by hand, every token new';
    expect(all).to.have.members([...compared, 'same token, user loader', byHand]);
    expect(printed).to.include(`This build: ${LIBRARY}\nOther build: ${other}\n`);
    expect(printed).to.match(/^Skipped: same token, user loader, other build: .*no user loaders$/m);
    expect(printed).to.not.match(/Tokens alone|Starting, |Grown by/);
    expect(files.map(contents)).to.deep.equal(before);
  });

  it('refuses a row that it does not know, and names those it does', async () => {
    const refusal = await bench('--quick', '--rows=seen,nope').then(() => 'nothing', String);
    expect(refusal).to.match(/--rows takes seen, new, .*forged, .*, not nope/);
  });
});

/**
 * Another build, with a folder of modules of its own: it knows no user loaders, and has the Redis store as an entry by
 * itself, as builds to come do. Returns its index.js.
 */
function otherCheckout(folder: string): string {
  const index = path.join(folder, 'dist/index.js');
  const stores = path.join(folder, 'dist/store/redis');
  mkdirSync(stores, { recursive: true });
  symlinkSync(path.join(ROOT, 'node_modules'), path.join(folder, 'node_modules'));
  const library = `const jwt = require(${JSON.stringify(LIBRARY)});`;
  const loader = `() => { throw new jwt.JwtConfigurationError('no user loaders'); }`;
  writeFileSync(
    index,
    `${library}\nmodule.exports = { ...jwt, RedisRevocationStore: undefined, UserLoader: ${loader} };\n`,
  );
  writeFileSync(
    path.join(stores, 'RedisRevocationStore.js'),
    `${library}\nexports.RedisRevocationStore = jwt.MemoryRevocationStore;\n`,
  );
  return index;
}

function bench(...args: readonly string[]): Promise<string> {
  return run(process.execPath, [path.join(ROOT, 'bench/index.mjs'), ...args], { cwd: ROOT });
}

function contents(file: string): string | undefined {
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}

/** The cells of the rows below a head that begins so. */
function tableIn(markdown: string, head: string): string[][] {
  const lines = markdown.split('\n');
  const rows = lines.slice(lines.findIndex((each) => each.startsWith(head)) + 2);
  const end = rows.findIndex((each) => !each.startsWith('|'));
  return rows.slice(0, end).map((row) =>
    row
      .slice(1, -1)
      .split('|')
      .map((cell) => cell.trim()),
  );
}

function expectNumbers({ low, median, high }: Interval): void {
  expect(low).to.be.above(0);
  expect(median).to.be.within(low, high);
}

function line(goal: string, verdict: string): RegExp {
  const escaped = goal.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
  return new RegExp(`\\| ${escaped} +\\|.*\\| ${verdict} +\\|$`, 'm');
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
