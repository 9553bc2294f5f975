import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { run } from '../support/Program';
import { ROOT } from '../support/root';

interface Counts {
  readonly functions: number;
  readonly promises: number;
  readonly bytes: number;
}

interface Counted {
  readonly key: string;
  readonly counts: { readonly bare: Counts; readonly guarded: Counts; readonly floor?: Counts };
}

const LIBRARY = path.join(__dirname, '../../src/index.js');

async function count(): Promise<Counted[]> {
  const folder = mkdtempSync(path.join(tmpdir(), 'jwt-counts-'));
  try {
    const rows = ['--quick', '--only=counts', '--rows=nothing,seen,missing'];
    const args = [...rows, `--library=${LIBRARY}`, `--out=${folder}`];
    await run(process.execPath, [path.join(ROOT, 'bench/index.mjs'), ...args], { cwd: ROOT });
    const major = process.versions.node.split('.')[0] ?? '';
    const file = path.join(folder, `bench/results/${major}.json`);
    return (JSON.parse(readFileSync(file, 'utf8')) as { counts: Counted[] }).counts;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

describe('bench: counts', function () {
  this.timeout(60_000);
  let first: Counted[];
  let second: Counted[];

  before(async () => {
    first = await count();
    second = await count();
  });

  it('are the same in two runs', () => {
    expect(first.map(({ key }) => key)).to.have.members(['nothing', 'seen', 'missing']);
    for (const [i, { key, counts }] of first.entries()) {
      for (const side of ['bare', 'guarded'] as const) {
        const [one, other] = [counts[side], second[i]?.counts[side]];
        const name = `${key}, ${side}`;
        expect(Number.isInteger(one.promises), name).to.equal(true);
        expect(other?.promises, name).to.equal(one.promises);
        // Node 20 runs a function of its own now and then.
        expect(other?.functions, name).to.be.closeTo(one.functions, 1);
        expect(other?.bytes, name).to.be.closeTo(one.bytes, one.bytes / 20);
      }
    }
  });

  it('say that a guard which does nothing enters three functions and makes no promise', () => {
    const { bare, guarded } = countsOf('nothing');
    expect(guarded.functions - bare.functions).to.be.closeTo(3, 1);
    expect(guarded.promises).to.equal(bare.promises);
  });

  it('say that the library does more than its floor for a token, and that a refusal spares the action', () => {
    const seen = countsOf('seen');
    expect(seen.guarded.functions).to.be.above(seen.floor?.functions ?? Infinity);
    expect(seen.floor?.promises).to.equal(seen.bare.promises);
    const missing = countsOf('missing');
    expect(missing.floor?.functions).to.be.below(missing.bare.functions);
  });

  function countsOf(key: string): Counted['counts'] {
    const found = first.find((each) => each.key === key);
    if (found === undefined) throw new Error(`No counts of ${key}`);
    return found.counts;
  }
});
