import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { packLibrary } from '../support/packLibrary';
import { filesOfDocs } from '../support/pages';
import { Program, run } from '../support/Program';
import { ROOT } from '../support/root';

const CONSUMER = path.join(ROOT, 'spec/package/consumer');

/** The oldest and the newest TypeScript that the published types support. */
const COMPILERS = { 'typescript-oldest': '5.0', 'typescript-newest': '7.0.2' };

const TSCONFIG = {
  compilerOptions: {
    target: 'es2022',
    module: 'node16',
    types: ['node'],
    strict: true,
    skipLibCheck: true,
    experimentalDecorators: true,
    emitDecoratorMetadata: true,
  },
  files: ['server.ts'],
};

describe('The published package', function () {
  this.timeout(180_000);
  const running: Program[] = [];
  let folder: string;
  let tarball: string;
  let files: string[];

  before(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'routing-controllers-jwt-extended-'));
    const packed = await packLibrary(folder);
    tarball = path.join(folder, packed.filename);
    files = packed.files.map((file) => file.path);

    writeFileSync(path.join(folder, 'package.json'), '{ "private": true }');
    writeFileSync(path.join(folder, 'tsconfig.json'), JSON.stringify(TSCONFIG));
    for (const file of readdirSync(CONSUMER))
      copyFileSync(path.join(CONSUMER, file), path.join(folder, file));
    const packages = [
      tarball,
      'routing-controllers@~0.11.3',
      'koa@3',
      'reflect-metadata@0.2',
      'typedi@0.10',
      'class-validator@^0.14',
      'class-transformer@0.5',
      ...Object.entries(COMPILERS).map(([name, version]) => `${name}@npm:typescript@${version}`),
    ];
    await run('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', ...packages], {
      cwd: folder,
    });
  });
  after(async () => {
    await Promise.all(running.map((program) => program.stop()));
    rmSync(folder, { recursive: true, force: true });
  });

  async function expectToGuard(script: string, route: string): Promise<void> {
    const program = await Program.start(script, ({ output }) => /port \d+\n/.test(output), { cwd: folder });
    running.push(program);
    const url = `http://127.0.0.1:${/\d+/.exec(program.output)?.[0] ?? ''}`;
    const { token } = (await (await fetch(`${url}/token`)).json()) as { token: string };

    expect((await fetch(url + route)).status).to.equal(401);
    const answer = await fetch(url + route, { headers: { authorization: `Bearer ${token}` } });
    expect(answer.status).to.equal(200);
    expect(await answer.json()).to.include({ name: 'alice' });
  }

  it('contains only the compiled library and its documents', () => {
    const strangers = files.filter(
      (file) =>
        !/^dist\/.*(\.js|\.d\.ts)$|^docs\/|^(README\.md|CHANGELOG\.md|UPGRADING\.md|SECURITY\.md|LICENSE|package\.json)$/.test(
          file,
        ),
    );
    expect(strangers).to.deep.equal([]);
    expect(files).to.include.members(['dist/index.js', 'dist/index.d.ts', 'LICENSE', 'package.json']);
  });

  it('contains each file of src as a script and its types, and each page of docs', () => {
    const sources = readdirSync(path.join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .map((file) => file.split(path.sep).join('/').replace(/\.ts$/, ''));
    const made = sources.flatMap((file) => [`dist/${file}.js`, `dist/${file}.d.ts`]);
    const others = ['README.md', 'CHANGELOG.md', 'UPGRADING.md', 'SECURITY.md', 'LICENSE', 'package.json'];
    // README shows one picture of the example. The others are for the site.
    const shown = filesOfDocs().filter((file) => !file.startsWith('docs/images/'));
    expect(files).to.have.members([...made, ...shown, 'docs/images/example-light.png', ...others]);
  });

  for (const [compiler, version] of Object.entries(COMPILERS)) {
    it(`compiles with TypeScript ${version}, and guards a CommonJS server`, async () => {
      const tsc = path.join(folder, 'node_modules', compiler, 'bin/tsc');
      const out = path.join(folder, compiler);
      await run(process.execPath, [tsc, '-p', folder, '--outDir', out], { cwd: folder });
      await expectToGuard(path.join(out, 'server.js'), '/me');
    });
  }

  it('guards a server that is an ES module', async () => {
    await expectToGuard(path.join(folder, 'server.mjs'), '/');
  });

  it('exports the same names to ES modules as to CommonJS', async () => {
    const program =
      `import * as seen from 'routing-controllers-jwt-extended';` +
      `const given = Object.keys(seen.default);` +
      `console.log(given.length, given.filter((name) => !(name in seen)).join());`;
    const printed = await run(process.execPath, ['--input-type=module', '-e', program], { cwd: folder });
    expect(printed).to.match(/^[1-9]\d* \n$/);
  });

  it('has subpaths, and loads nothing of Redis without its own', async () => {
    const program =
      `require('routing-controllers-jwt-extended');` +
      `require('routing-controllers-jwt-extended/testing').revocationStoreContract.name;` +
      `const loaded = () => Object.keys(require.cache).filter((file) => file.includes('redis')).length;` +
      `const before = loaded();` +
      `const { RedisRevocationStore } = require('routing-controllers-jwt-extended/redis');` +
      `console.log(before, loaded() > 0, RedisRevocationStore.name);`;
    const printed = await run(process.execPath, ['-r', 'reflect-metadata', '-e', program], { cwd: folder });
    expect(printed.trim()).to.equal('0 true RedisRevocationStore');
  });

  it('needs routing-controllers-openapi for its subpath only', async () => {
    const program =
      `require('routing-controllers-jwt-extended');` +
      `require('routing-controllers-jwt-extended/testing');` +
      `try { require('routing-controllers-jwt-extended/openapi') } catch ({ code, message }) { console.log(code, message) }`;
    const printed = await run(process.execPath, ['-r', 'reflect-metadata', '-e', program], { cwd: folder });
    expect(printed).to.match(/^MODULE_NOT_FOUND Cannot find module 'routing-controllers-openapi'/);
    const packages = readdirSync(path.join(folder, 'node_modules'));
    expect(packages).to.not.include('routing-controllers-openapi');
  });

  it('passes publint', async () => {
    expect(await bin('publint', tarball, '--strict')).to.include('All good!');
  });

  it('passes arethetypeswrong', async () => {
    expect(await bin('attw', tarball)).to.include('No problems found');
  });

  it('works with any container, because it never imports typedi', () => {
    const sources = readdirSync(path.join(ROOT, 'src'), { recursive: true, encoding: 'utf8' });
    const importers = sources
      .filter((file) => file.endsWith('.ts'))
      .filter((file) => /['"]typedi['"]/.test(readFileSync(path.join(ROOT, 'src', file), 'utf8')));
    expect(importers).to.deep.equal([]);
    const { dependencies, peerDependencies } = JSON.parse(
      readFileSync(path.join(ROOT, 'package.json'), 'utf8'),
    ) as Record<string, object>;
    expect({ ...dependencies, ...peerDependencies }).to.not.have.property('typedi');
  });
});

function bin(name: string, ...args: readonly string[]): Promise<string> {
  return run(path.join(ROOT, 'node_modules/.bin', name), args, { cwd: ROOT });
}
