import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { run } from '../support/Program';
import { rejection } from '../support/rejection';
import { ROOT } from '../support/root';

const SCRIPT = path.join(ROOT, 'api/report.mjs');

/** The types of a package much smaller than this one, whose own reports `npm run api:check` compares. */
const MAIN = `
  interface Options { readonly given: string }
  export declare class Manager { constructor(options: Options); }
  export {};`;
const OTHER = `
  import type { Manager } from './index';
  export declare function take(manager: Manager): void;`;

describe('The reports on the public API', function () {
  this.timeout(30_000);
  let folder: string;

  before(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'api-report-'));
    for (const made of ['dist', 'api']) mkdirSync(path.join(folder, made));
    publish({ '.': MAIN, './other': OTHER });
    await report('--write');
  });
  after(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  /** Makes package.json and dist what a build leaves, with the types of each entry. */
  function publish(entries: Readonly<Record<string, string>>): void {
    const exports: Record<string, unknown> = { './package.json': './package.json' };
    for (const [entry, text] of Object.entries(entries)) {
      const types = `./dist/${entry === '.' ? 'index' : path.basename(entry)}.d.ts`;
      writeFileSync(path.join(folder, types), text);
      exports[entry] = { types };
    }
    writeFileSync(path.join(folder, 'package.json'), JSON.stringify({ name: 'small', exports }));
  }

  function report(...options: readonly string[]): Promise<string> {
    return run(process.execPath, [SCRIPT, `--folder=${folder}`, ...options], { cwd: ROOT });
  }

  async function complaint(): Promise<string> {
    const { message } = await rejection(report());
    expect(message).to.match(/ended with 1:/);
    expect(message).to.match(/run npm run api and commit/);
    return message;
  }

  it('are content with new comments', async () => {
    publish({ '.': MAIN.replace('export declare', '/** Manages. */ export declare'), './other': OTHER });
    expect(await report()).to.equal('');
  });

  it('refuse an export that is new, and a change of what exports need though it is not exported', async () => {
    publish({
      '.': `${MAIN.replace('string', 'number')} export declare function added(): void;`,
      './other': OTHER,
    });
    const message = await complaint();
    expect(message).to.match(/^\+export function added\(\): void;$/m);
    expect(message).to.match(/^-.*readonly given: string/m);
    expect(message).to.match(/^\+.*readonly given: number/m);
    expect(message).to.not.include('other.api.md');
  });

  it('refuse an entry that is new, and one that is gone', async () => {
    publish({ '.': MAIN, './new': OTHER });
    const message = await complaint();
    expect(message).to.match(/^\+# The public API of `small\/new`$/m);
    expect(message).to.match(/^-# The public API of `small\/other`$/m);
  });

  it('repeat nothing of the report on the main entry', () => {
    const [main, other] = ['index', 'other'].map((entry) =>
      readFileSync(path.join(folder, `api/${entry}.api.md`), 'utf8'),
    );
    expect(main)
      .to.match(/^interface Options /m)
      .and.to.match(/^export class Manager /m);
    expect(other)
      .to.match(/^export function take\(/m)
      .and.to.not.match(/Options|class Manager/);
  });
});
