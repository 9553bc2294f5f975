import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import semver from 'semver';
import { Program, run } from '../support/Program';
import { ROOT } from '../support/root';

interface Row {
  readonly group: string;
  readonly name: string;
  readonly version: string;
  readonly checks?: number;
  readonly specs?: number;
  readonly failed?: string;
}

interface Manifest {
  readonly engines: { readonly node: string };
  readonly peerDependencies: Readonly<Record<string, string>>;
}

const read = (file: string): string => readFileSync(path.join(ROOT, file), 'utf8');
const { rows } = JSON.parse(read('compat/results.json')) as { rows: readonly Row[] };
const { engines, peerDependencies } = JSON.parse(read('package.json')) as Manifest;
const inGroup = (group: string): Row[] => rows.filter((row) => row.group === group);
const versionsOf = (group: string): string[] => inGroup(group).map(({ version }) => version);

describe('docs/compatibility.md', () => {
  it('has the tables that the results of the last run make', async () => {
    const file = path.join(ROOT, 'compat/tables.mjs');
    const { withTables } = (await import(file)) as { withTables: (page: string, results: object) => string };
    const page = read('docs/compatibility.md');
    expect(page.match(/<!-- rows: /g)).to.have.length(new Set(rows.map(({ group }) => group)).size);
    expect(withTables(page, { rows })).to.equal(page);
  });

  it('has every version and tool that people run', () => {
    const has = (group: string, ...ranges: readonly string[]): void => {
      for (const range of ranges) {
        expect(
          versionsOf(group).some((version) => semver.satisfies(version, range)),
          `${group} ${range}`,
        ).to.equal(true);
      }
    };
    has('Node', '22', '24', '26');
    has('specs', '22', '24', '26');
    has('koa', '2.16.0', '2.16.x', '3.0.0', '3');
    has('@koa/router', '13', '14', '15.0.0', '15');
    has('routing-controllers', '0.10.4', '0.11.2', '0.11.3');
    has('TypeScript', '5.0', '5.4', '5.9', '6.0', '7.0');
    expect(inGroup('tools').map(({ name }) => name)).to.include.members([
      'CommonJS (tsc)',
      'ES modules (tsc)',
      'swc',
      'esbuild, bundled',
      'ncc',
      'rollup',
      'ts-node',
      'tsx',
      'vitest',
      'jest',
      'Bun',
      'Deno',
    ]);
  });

  it('has one version that does not work, which is refused with its remedy', () => {
    const refused = rows.filter(({ failed }) => failed !== undefined);
    expect(refused.map(({ name, version }) => `${name} ${version}`)).to.deep.equal(['@koa/router 15.0.0']);
    expect(refused[0]?.failed).to.match(/must not be 15\.0\.0.*npm install @koa\/router@\^15\.1\.0/);
  });
});

describe('package.json', () => {
  for (const [group, range] of [
    ['Node', engines.node],
    ['koa', String(peerDependencies['koa'])],
    ['routing-controllers', String(peerDependencies['routing-controllers'])],
  ] as const) {
    it(`asks for the versions of ${group} that were run, and for no older ones`, () => {
      const works = inGroup(group).filter(({ failed }) => failed === undefined);
      expect(works.filter(({ version }) => !semver.satisfies(version, range))).to.deep.equal([]);
      // The oldest of each part of the range was run.
      for (const part of range.split('||')) {
        expect(versionsOf(group), part).to.include(semver.minVersion(part)?.version);
      }
    });
  }
});

describe('The application of the compatibility tables', function () {
  this.timeout(60_000);
  const folder = path.join(ROOT, 'build/compat');

  it('passes as many checks today as in the last run, with the machine’s Node', async () => {
    mkdirSync(folder, { recursive: true });
    cpSync(path.join(ROOT, 'compat/app/app.ts'), path.join(folder, 'app.ts'));
    const config = JSON.parse(read('compat/app/tsconfig.json')) as object;
    writeFileSync(path.join(folder, 'tsconfig.json'), JSON.stringify(config));
    await run(process.execPath, [path.join(ROOT, 'node_modules/typescript/bin/tsc')], { cwd: folder });
    const server = await Program.start(
      path.join(folder, 'build/app.js'),
      ({ output }) => output.includes('serves '),
      { cwd: folder, env: { SERVE: '1' } },
    );
    try {
      const file = path.join(ROOT, 'compat/app/checks.cjs');
      const { runChecks } = (await import(file)) as { runChecks: (url: string) => Promise<number> };
      const checks = await runChecks(String(/http:\S+/.exec(server.output)?.[0]));
      const stated = rows.flatMap((row) => row.checks ?? []);
      expect(new Set(stated)).to.deep.equal(new Set([checks]));
    } finally {
      await server.stop();
      rmSync(folder, { recursive: true });
    }
  });
});
