import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { freePort, isListening } from './freePort';
import { Program } from './Program';
import { ROOT } from './root';

const COMPILER: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.CommonJS,
  esModuleInterop: true,
  experimentalDecorators: true,
  emitDecoratorMetadata: true,
};

const CLOCK = `const { JwtClock } = require('routing-controllers-jwt-extended/testing');
const clock = new JwtClock();
const minutes = Number(process.env.MINUTES ?? 15);
process.on('SIGUSR2', () => {
  clock.advance(minutes * 60);
  console.log('It is later');
});
`;

/** The code of a page of docs, as readers paste it. spec/readme.spec.ts compiles it with its types. */
export class DocPage {
  readonly text: string;
  readonly #folder: string;

  constructor(name: string) {
    this.text = readFileSync(path.join(ROOT, `docs/${name}.md`), 'utf8');
    // Inside the package, so that the code can import it by its name.
    this.#folder = path.join(ROOT, 'build/pages', name);
    mkdirSync(this.#folder, { recursive: true });
    for (const [file, code] of this.#sources()) writeFileSync(this.fileOf(file), compiled(code));
  }

  /** The named blocks as modules for a browser, by their name. */
  modules(): ReadonlyMap<string, string> {
    const module = ts.ModuleKind.ESNext;
    return new Map([...this.#sources()].map(([file, code]) => [file, compiled(code, { module })]));
  }

  /** The compiled block whose first line names this file. */
  fileOf(name: string): string {
    return path.join(this.#folder, `${name}.js`);
  }

  /** The text of the first block in a language that holds a text. */
  block(language: string, holding = ''): string {
    const blocks = [...this.text.matchAll(new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\`$`, 'gm'))];
    const found = blocks.map(([, code = '']) => code).find((code) => code.includes(holding));
    if (found === undefined) throw new Error(`There is no ${language} block with ${holding}`);
    return found;
  }

  /** The code of the blocks whose first line names their file. */
  #sources(): [string, string][] {
    const blocks = this.text.matchAll(/^```ts\n\/\/ ([\w-]+)\.ts\n([^]*?)^```$/gm);
    return [...blocks].map(([, file = '', code = '']) => [file, code]);
  }

  /** Starts the server of a block, in a process whose clock can be moved. */
  async serve(name: string, env: Readonly<Record<string, string>> = {}): Promise<PageServer> {
    const clock = path.join(this.#folder, 'clock.cjs');
    writeFileSync(clock, CLOCK);
    const port = Number(env['PORT'] ?? (await freePort()));
    const program = await Program.start(this.fileOf(name), () => isListening(port), {
      cwd: ROOT,
      env: {
        JWT_SECRET_KEY: undefined,
        NODE_OPTIONS: `--require ${clock}`,
        PORT: String(port),
        ...env,
      },
    });
    return new PageServer(program, port);
  }
}

function compiled(code: string, options: ts.CompilerOptions = {}): string {
  return ts.transpileModule(code, { compilerOptions: { ...COMPILER, ...options } }).outputText;
}

/** A running server of a page. */
export class PageServer {
  constructor(
    readonly program: Program,
    readonly port: number,
  ) {}

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Lets the access tokens of the server expire. With MINUTES in its environment, another time passes. */
  async wait15Minutes(): Promise<void> {
    await this.program.signal('SIGUSR2', 'It is later');
  }

  stop(): Promise<void> {
    return this.program.stop();
  }
}
