import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { expectOutput } from '../support/expectOutput';
import { freePort, isListening } from '../support/freePort';
import { packLibrary } from '../support/packLibrary';
import { Program, run } from '../support/Program';
import { ROOT } from '../support/root';

const NAME = 'routing-controllers-jwt-extended';
const readme = readFileSync(path.join(ROOT, 'README.md'), 'utf8');
const landingPage = readFileSync(path.join(ROOT, 'docs/index.md'), 'utf8');

/** The packages that README, or another page, tells its readers to install, in all its `npm install` lines. */
function toInstall(page = readme): string[] {
  const lines = [...page.matchAll(/^npm install ((?:.*\\\n)*.*)$/gm)].map(([, rest = '']) => rest);
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

describe('The landing page, docs/index.md', function () {
  this.timeout(180_000);
  /** Its blocks of code, with the text before each. */
  const blocks = [...landingPage.matchAll(/([^]*?)```(\w+)\n([^]*?)```/g)].map(
    ([, before = '', language = '', text = '']) => ({ before, language, text }),
  );
  const [install, config, server, start, tour] = blocks;

  it('has the server of README, word for word', () => {
    expect(server?.text).to.match(/^\/\/ server\.ts\n/);
    expect(readme).to.include(`\`\`\`ts\n${String(server?.text)}\`\`\``);
    expect(readme).to.include(`\`\`\`sh\n${String(tour?.text)}\`\`\``);
  });

  it('installs what README installs', () => {
    expect(toInstall(landingPage)).to.have.members([...new Set(toInstall())]);
  });

  it('is all that a newcomer needs for a protected route in an empty folder', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), `${NAME}-`));
    const elsewhere = mkdtempSync(path.join(tmpdir(), `${NAME}-`));
    try {
      expect(blocks.map(({ language }) => language)).to.deep.equal(['sh', 'json', 'ts', 'sh', 'sh']);
      // Instead of the registry's, the library that is here; and the compiler of the other specs.
      const { filename } = await packLibrary(elsewhere);
      const here = String(install?.text)
        .replaceAll(`${NAME} `, `${path.join(elsewhere, filename)} `)
        .replace('typescript ', 'typescript@~6.0.3 ');
      const quietly = {
        npm_config_prefer_offline: 'true',
        npm_config_audit: 'false',
        npm_config_fund: 'false',
      };
      await run('bash', ['-euc', here], { cwd: folder, env: quietly });
      for (const block of [config, server]) {
        const [, name = ''] = /Save this as `([\w.]+)`[^]*$/.exec(block?.before ?? '') ?? [];
        writeFileSync(path.join(folder, name), block?.text ?? '');
      }
      const [compile, serve, ...rest] = String(start?.text).trim().split('\n');
      expect([compile, serve, rest]).to.deep.equal(['npx tsc', 'node server.js', []]);
      await run('bash', ['-euc', String(compile)], { cwd: folder });
      const port = await freePort();
      const program = await Program.start('server.js', () => isListening(port), {
        cwd: folder,
        env: { PORT: String(port), JWT_SECRET_KEY: undefined },
      });
      try {
        await expectOutput(String(tour?.text), port);
      } finally {
        await program.stop();
      }
    } finally {
      for (const each of [folder, elsewhere]) rmSync(each, { recursive: true, force: true });
    }
  });
});
