import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect } from 'chai';
import { ROOT } from './support/root';

interface Figures {
  readonly blob: string;
  readonly killed: number;
  readonly timeout: number;
  readonly survivors: readonly { readonly line: string; readonly mutant: string }[];
}
interface Reason {
  readonly file: string;
  readonly line: string;
  readonly mutants: readonly string[];
  readonly reason: string;
}
interface Tools {
  readResults(): Record<string, Figures>;
  readReasons(): Reason[];
  judge(results: Record<string, Figures>, reasons: Reason[]): { table: string; problems: string[] };
  withTable(page: string, table: string): string;
}

describe('The mutants', () => {
  let tools: Tools;
  let CRITICAL: string[];
  before(async () => {
    tools = (await import(pathToFileURL(join(ROOT, 'mutation/results.mjs')).href)) as Tools;
    ({ CRITICAL } = (await import(pathToFileURL(join(ROOT, 'mutation/rooms.mjs')).href)) as {
      CRITICAL: string[];
    });
  });

  it('are killed as docs/mutation.md says', () => {
    const page = readFileSync(join(ROOT, 'docs/mutation.md'), 'utf8');
    const { table } = tools.judge(tools.readResults(), tools.readReasons());
    expect(table).to.include('| **all**');
    expect(tools.withTable(page, table)).to.equal(page);
  });

  it('are all killed or have a reason where a mistake lets somebody in, and 90 % elsewhere', () => {
    const results = tools.readResults();
    expect(results).to.include.all.keys(CRITICAL);
    expect(tools.judge(results, tools.readReasons()).problems).to.deep.equal([]);
  });

  it('would not pass with one survivor without a reason, or one reason without a survivor', () => {
    const results = tools.readResults();
    const [file = ''] = CRITICAL;
    const survivors = [{ line: 'if (isGood) return;', mutant: 'isGood → true' }];
    const { problems } = tools.judge({ [file]: { blob: '', killed: 1, timeout: 0, survivors } }, []);
    expect(problems[0]).to.equal(`${file}: no spec notices isGood → true in: if (isGood) return;`);
    const reasons = tools.readReasons();
    const stale = { file, line: 'if (isBad) throw;', mutants: ['isBad → false'], reason: 'None.' };
    expect(tools.judge(results, [...reasons, stale]).problems).to.deep.equal([
      `${file}: a reason is stale, isBad → false in: if (isBad) throw;`,
    ]);
  });

  it('are of files that exist, and their reasons say something', () => {
    for (const file of [...Object.keys(tools.readResults()), ...CRITICAL])
      expect(existsSync(join(ROOT, file)), file).to.equal(true);
    for (const { file, line, mutants, reason } of tools.readReasons()) {
      expect(reason, `${file}: ${line}`).to.match(/^[A-Z`<].{20,}\.$/);
      expect(mutants, `${file}: ${line}`).not.to.be.empty;
    }
  });
});
