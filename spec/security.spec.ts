import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { ROOT } from './support/root';

interface Break {
  readonly row: number;
  readonly file: string;
  readonly find: string;
}

interface Requirement {
  readonly number: number;
  /** M: a breach is a vulnerability. S: hardening. */
  readonly kind: string;
  readonly specs: readonly { readonly file: string; readonly title: string }[];
  /** Instead of a spec. */
  readonly why: string | undefined;
}

const page = readFileSync(path.join(ROOT, 'docs/security.md'), 'utf8');

function requirements(): Requirement[] {
  return page
    .slice(page.indexOf('## The requirements'))
    .split('\n')
    .filter((line) => /^\| \d+ +\|/.test(line))
    .map((line) => {
      const [, number, kind = '', , last = ''] = line.split('|').map((cell) => cell.trim());
      const specs = last.split('<br>').flatMap((each) => {
        const [, file = '', title = ''] = /^\[.+?\]\(\.\.\/(spec\/[^)]+)\) › (.+)$/.exec(each) ?? [];
        return file === '' ? [] : [{ file, title }];
      });
      return { number: Number(number), kind, specs, why: specs.length === 0 ? last : undefined };
    });
}

/** The full titles of the specs in files, without running them. */
function titlesIn(files: readonly string[]): Promise<Set<string>> {
  const compiled = files.map((file) => path.join(ROOT, 'build', file.replace(/ts$/, 'js')));
  const flags = ['--no-config', '--dry-run', '--exit', '--require', 'reflect-metadata', '--reporter', 'json'];
  const mocha = path.join(ROOT, 'node_modules/mocha/bin/mocha.js');
  return new Promise((resolve, reject) => {
    execFile(
      process.execPath,
      [mocha, ...flags, ...compiled],
      { cwd: ROOT, maxBuffer: 1e8 },
      (error, printed) => {
        if (error !== null) {
          reject(new Error('mocha lists no titles', { cause: error }));
          return;
        }
        const { tests } = JSON.parse(printed) as { tests: { file: string; fullTitle: string }[] };
        const named = tests.map(({ file, fullTitle }) => {
          const relative = path.relative(path.join(ROOT, 'build'), file).replace(/js$/, 'ts');
          return `${relative} › ${fullTitle}`;
        });
        resolve(new Set(named));
      },
    );
  });
}

describe('The requirements of docs/security.md', function () {
  this.timeout(120_000);
  const listed = requirements();

  it('are all there, from 1 to 118', () => {
    expect(listed.map(({ number }) => number)).to.deep.equal(Array.from({ length: 118 }, (_, i) => i + 1));
    expect(listed.filter(({ kind }) => kind === 'M').length).to.equal(73);
    expect(listed.filter(({ kind }) => kind === 'S').length).to.equal(45);
  });

  it('each have a spec, or a sentence why not if they are hardening', () => {
    const without = listed.filter(({ specs }) => specs.length === 0);
    expect(without.filter(({ kind }) => kind === 'M')).to.deep.equal([]);
    for (const { number, why } of without) expect(why, String(number)).to.match(/^[A-Z].{30,}\.$/);
    expect(without.length).to.be.lessThan(6);
  });

  it('name specs that exist: file and title', async () => {
    const specs = listed.flatMap((each) => each.specs);
    const files = [...new Set(specs.map(({ file }) => file))];
    expect(files.filter((file) => !existsSync(path.join(ROOT, file)))).to.deep.equal([]);
    const titles = await titlesIn(files);
    expect(titles.size).to.be.greaterThan(500);
    const missing = specs
      .map(({ file, title }) => `${file} › ${title}`)
      .filter((named) => !titles.has(named));
    expect(missing).to.deep.equal([]);
  });

  it('are broken by npm run audit, each must at least once, in a line that is there', async () => {
    const { breaks } = (await import(path.join(ROOT, 'audit/breaks.mjs'))) as { breaks: readonly Break[] };
    const broken = new Set(breaks.map(({ row }) => row));
    const musts = listed.filter(({ kind }) => kind === 'M').map(({ number }) => number);
    expect([...broken].sort((one, other) => one - other)).to.deep.equal(musts);
    const gone = breaks.filter(
      ({ file, find }) => readFileSync(path.join(ROOT, 'src', file), 'utf8').split(find).length !== 2,
    );
    expect(gone.map(({ file, find }) => `${file}: ${find}`)).to.deep.equal([]);
  });
});
