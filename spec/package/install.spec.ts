import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { packLibrary } from '../support/packLibrary';
import { run } from '../support/Program';
import { ROOT } from '../support/root';

const NAME = 'routing-controllers-jwt-extended';
const readme = readFileSync(path.join(ROOT, 'README.md'), 'utf8');

/** The packages that README tells its readers to install, in all its `npm install` lines. */
function toInstall(): string[] {
  const lines = [...readme.matchAll(/^npm install ((?:.*\\\n)*.*)$/gm)].map(([, rest = '']) => rest);
  return lines.flatMap((line) => line.split(/[\s\\]+/)).filter((word) => /^@?[a-z]/.test(word));
}

describe('What README tells a newcomer to install', function () {
  this.timeout(120_000);
  let folder: string;
  before(() => {
    folder = mkdtempSync(path.join(tmpdir(), `${NAME}-`));
  });
  after(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  it('pins the major version of Koa', () => {
    expect(toInstall().filter((each) => /^koa(@|$)/.test(each))).to.deep.equal(['koa@^3']);
  });

  // As pnpm lays packages out: each sees what it has asked for, and nothing else.
  it('is enough to compile all of README, where each package sees only its own', async () => {
    const packed = await packLibrary(folder);
    const packages = toInstall().map((each) => (each === NAME ? `./${packed.filename}` : each));
    // What the other specs compile with.
    const pinned = packages.map((each) => (each === 'typescript' ? 'typescript@~6.0.3' : each));
    writeFileSync(path.join(folder, 'package.json'), '{ "private": true }');
    const flags = ['--install-strategy=linked', '--prefer-offline', '--no-audit', '--no-fund'];
    await run('npm', ['install', ...flags, ...pinned], { cwd: folder });
    const config = /```json\n([\s\S]*?)```/.exec(readme)?.[1] ?? '';
    writeFileSync(path.join(folder, 'tsconfig.json'), config);
    const blocks = [...readme.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, block = '']) => block);
    expect(blocks).to.not.deep.equal([]);
    blocks.forEach((block, i) => {
      writeFileSync(path.join(folder, `block${i}.ts`), block);
    });
    const tsc = path.join(folder, 'node_modules/typescript/bin/tsc');
    await run(process.execPath, [tsc, '-p', folder, '--noEmit'], { cwd: folder });
  });

  it('has links that work from the page of the registry too', async () => {
    const page = path.join(folder, 'page');
    mkdirSync(page);
    for (const file of ['package.json', 'README.md']) cpSync(path.join(ROOT, file), path.join(page, file));
    const link = (form: string) =>
      run(process.execPath, [path.join(ROOT, 'release/linkReadme.mjs'), form, page], { cwd: page });
    const linked = () => readFileSync(path.join(page, 'README.md'), 'utf8');
    await link('absolute');
    const targets = [...linked().matchAll(/\]\(([^)]+)\)/g)].map(([, target = '']) => target);
    expect(targets.filter((target) => !/^https:|^#/.test(target))).to.deep.equal([]);
    const { version } = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8')) as {
      version: string;
    };
    expect(targets).to.include(`https://unpkg.com/${NAME}@${version}/docs/tutorial/index.md`);
    await link('relative');
    expect(linked()).to.equal(readme);
  });

  it('is linked so whenever it is packed', () => {
    const { scripts } = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8')) as {
      scripts: Record<string, string>;
    };
    expect(scripts['prepack']).to.include('linkReadme.mjs absolute');
    expect(scripts['postpack']).to.equal('node release/linkReadme.mjs relative');
  });
});
