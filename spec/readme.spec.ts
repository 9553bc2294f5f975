/*
 * The code in README.md and in the pages of docs, and of its folders, compiles and runs:
 *
 * - Each ```ts block is a complete module. Its first line may name its file, as in `// server.ts`, so that other
 *   blocks of the same document can import it.
 * - A block that calls `.listen(` is a server on `process.env.PORT ?? 3000`. The following ```sh blocks with
 *   curl, up to the next ```ts block, run against it in one shell. A line `# → text` expects the text in the
 *   output since the previous such line.
 * - All other blocks are loaded after reflect-metadata, and must not throw.
 * - All run as they are pasted: no environment variable holds a secret.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { JwtManager } from '../src/index';
import { expectOutput } from './support/expectOutput';
import { freePort, isListening } from './support/freePort';
import { pagesOfDocs } from './support/pages';
import { Program, run } from './support/Program';
import { ROOT } from './support/root';

// Inside the package, so that the blocks can import it by its name.
const FOLDER = path.join(ROOT, 'build/readme');
const AS_PASTED = { JWT_SECRET_KEY: undefined };

const TSCONFIG = {
  compilerOptions: {
    target: 'es2022',
    module: 'node20',
    types: ['node'],
    strict: true,
    skipLibCheck: true,
    experimentalDecorators: true,
    emitDecoratorMetadata: true,
    moduleDetection: 'force',
    rootDir: 'ts',
    outDir: 'js',
  },
  include: ['ts'],
};

interface Fence {
  readonly language: string;
  readonly text: string;
  readonly line: number;
}

interface Block {
  /** Without extension, such as README/server. */
  readonly name: string;
  readonly text: string;
  readonly isServer: boolean;
  readonly shell: string;
}

const documents = ['README.md', ...pagesOfDocs()];
const blocks = documents.flatMap(blocksOf);

describe('The code in README.md and docs', function () {
  this.timeout(180_000);
  let compiled: Promise<string>;

  before(async () => {
    rmSync(FOLDER, { recursive: true, force: true });
    for (const { name, text } of blocks) {
      const file = path.join(FOLDER, 'ts', `${name}.ts`);
      mkdirSync(path.dirname(file), { recursive: true });
      writeFileSync(file, text, { flag: 'wx' });
    }
    mkdirSync(FOLDER, { recursive: true });
    writeFileSync(path.join(FOLDER, 'tsconfig.json'), JSON.stringify(TSCONFIG));
    compiled = run(process.execPath, [path.join(ROOT, 'node_modules/typescript/bin/tsc')], { cwd: FOLDER });
    // Wait for the output that the other tests run. The test below reports errors.
    await compiled.catch(() => undefined);
  });

  it('exists', () => {
    expect(blocks.some(({ name }) => name.startsWith('README/'))).to.equal(true);
  });

  it('compiles', () => compiled);

  it('has no secret that could be used', () => {
    const texts = [...documents, ...sourcesIn('src'), ...sourcesIn('example-app')].map(
      (name) => [name, readFileSync(path.join(ROOT, name), 'utf8')] as const,
    );
    for (const [name, text] of texts) {
      for (const line of text.split('\n').filter((each) => /secret|keys?\b/i.test(each))) {
        expect(line, name).to.not.match(/secret.*(?:\.repeat\(|\.alloc\(|\.padEnd\(|\.fill\()/i);
        // Text that is given as a secret or beside one, such as a fallback.
        for (const [, literal = ''] of line.matchAll(
          /(?:secret\w*['"]?\]? *[:=?]+|\?\?) *['"`]([^'"`]*)['"`]/gi,
        ))
          expect(() => new JwtManager({ secretKey: literal, loaders: [] }), `${name}: ${line}`).to.throw();
      }
    }
  });

  for (const block of blocks) {
    const script = path.join(FOLDER, 'js', `${block.name}.js`);
    if (block.isServer) {
      it(`serves and answers as documented: ${block.name}`, () => expectToServe(script, block.shell));
    } else {
      it(`loads: ${block.name}`, () =>
        run(process.execPath, ['--require', 'reflect-metadata', script], { cwd: ROOT, env: AS_PASTED }));
    }
  }
});

async function expectToServe(script: string, shell: string): Promise<void> {
  const port = await freePort();
  const server = await Program.start(script, () => isListening(port), {
    cwd: ROOT,
    env: { ...AS_PASTED, PORT: String(port) },
  });
  try {
    await expectOutput(shell, port);
  } finally {
    await server.stop();
  }
}

function blocksOf(document: string): Block[] {
  const markdown = readFileSync(path.join(ROOT, document), 'utf8');
  const fences = [...markdown.matchAll(/^```(\w+).*\n([^]*?)^```$/gm)].map(
    ({ 1: language = '', 2: text = '', index }): Fence => ({
      language,
      text,
      line: markdown.slice(0, index).split('\n').length,
    }),
  );
  return fences.flatMap(({ language, text, line }, i) => {
    if (language !== 'ts') return [];
    const file = /^\/\/ ([\w-]+)\.ts\n/.exec(text)?.[1] ?? `line-${line}`;
    const shell = shellAfter(fences, i);
    return [
      { name: `${document.replace(/\.md$/, '')}/${file}`, text, isServer: text.includes('.listen('), shell },
    ];
  });
}

function shellAfter(fences: readonly Fence[], i: number): string {
  const rest = fences.slice(i + 1);
  const next = rest.findIndex(({ language }) => language === 'ts');
  return rest
    .slice(0, next === -1 ? undefined : next)
    .filter(({ language, text }) => language === 'sh' && text.includes('curl'))
    .map(({ text }) => text)
    .join('');
}

/** The sources of a folder, by their path in the package. */
function sourcesIn(folder: string): string[] {
  return readdirSync(path.join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(?:ts|md|json|yml|html)$/.test(name) && !/node_modules|dist|build/.test(name))
    .map((name) => path.join(folder, name));
}
