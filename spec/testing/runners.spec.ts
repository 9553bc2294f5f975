import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { packLibrary } from '../support/packLibrary';
import { run } from '../support/Program';
import { ROOT } from '../support/root';

const page = readFileSync(path.join(ROOT, 'docs/testing.md'), 'utf8');

function block(start: string): string {
  const text = [...page.matchAll(/```\w+\n([\s\S]*?)```/g)].map(([, each = '']) => each);
  const found = text.find((each) => each.startsWith(start));
  if (found === undefined) throw new Error(`docs/testing.md has no block that starts with ${start}`);
  return found;
}

const TSCONFIG = {
  compilerOptions: {
    target: 'es2022',
    module: 'node20',
    strict: true,
    skipLibCheck: true,
    experimentalDecorators: true,
    emitDecoratorMetadata: true,
    types: ['node', 'mocha'],
    outDir: 'build',
    rootDir: '.',
  },
  include: ['*.ts'],
};

describe('The test in docs/testing.md', function () {
  this.timeout(180_000);
  let folder: string;

  before(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'routing-controllers-jwt-extended-'));
    const packed = await packLibrary(folder);
    const files = {
      'package.json': '{ "private": true }',
      'tsconfig.json': JSON.stringify(TSCONFIG),
      'app.ts': block('// app.ts'),
      'app.test.ts': block("import assert from 'node:assert/strict'"),
      'vitest.config.mjs': block('export default { test'),
      'jest.config.cjs': block('const transform'),
    };
    for (const [name, text] of Object.entries(files)) writeFileSync(path.join(folder, name), text);
    const packages =
      `./${packed.filename} routing-controllers koa@^3 @koa/router koa-bodyparser class-validator@^0.14 ` +
      'class-transformer reflect-metadata typedi typescript@~6.0.3 @types/node@20 @types/koa ' +
      'supertest@^7 @types/supertest@^7 mocha@^12 @types/mocha vitest@^4 jest@^30 @swc/jest@^0.2 @swc/core@^1';
    const flags = ['--prefer-offline', '--no-audit', '--no-fund'];
    await run('npm', ['install', ...flags, ...packages.split(' ')], { cwd: folder });
  });
  after(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  const inFolder = (command: string, ...args: readonly string[]): Promise<string> =>
    run(path.join(folder, 'node_modules/.bin', command), args, { cwd: folder });

  it('runs in mocha', async () => {
    await inFolder('tsc');
    expect(await inFolder('mocha', 'build/app.test.js')).to.match(/3 passing/);
  });

  it('runs in vitest', async () => {
    expect(await inFolder('vitest', 'run', '--no-color', 'app.test.ts')).to.match(/Tests +3 passed/);
  });

  it('runs in jest', async () => {
    // It reports on standard error.
    await inFolder('jest', '--ci', '--json', '--outputFile=jest.json');
    const report = JSON.parse(readFileSync(path.join(folder, 'jest.json'), 'utf8')) as object;
    expect(report).to.include({ numPassedTests: 3, numFailedTests: 0 });
  });
});
