import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { freePort, isListening } from '../support/freePort';
import { Program } from '../support/Program';
import { ROOT } from '../support/root';

const COMPILER = {
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.CommonJS,
  esModuleInterop: true,
  experimentalDecorators: true,
  emitDecoratorMetadata: true,
};

/** A server of a page in docs, in a separate process, as the page has it. */
export class Documented {
  private constructor(
    private readonly program: Program,
    readonly port: number,
    readonly secret: string,
  ) {}

  /** Starts the block of a page whose first line names the file, such as `// sockets.ts`. */
  static async start(page: string, file: string): Promise<Documented> {
    const text = readFileSync(path.join(ROOT, 'docs', page), 'utf8');
    const code = new RegExp(`^\`\`\`ts\\n(// ${file}\\n[^]*?)^\`\`\`$`, 'm').exec(text)?.[1];
    if (code === undefined) throw new Error(`docs/${page} has no ${file}`);
    const folder = path.join(ROOT, 'build/transports');
    mkdirSync(folder, { recursive: true });
    const script = path.join(folder, file.replace('.ts', '.cjs'));
    writeFileSync(script, ts.transpileModule(code, { compilerOptions: COMPILER }).outputText);
    const port = await freePort();
    const secret = randomBytes(32).toString('base64url');
    const program = await Program.start(script, () => isListening(port), {
      cwd: ROOT,
      env: { PORT: String(port), JWT_SECRET_KEY: secret },
    });
    return new Documented(program, port, secret);
  }

  stop(): Promise<void> {
    return this.program.stop();
  }
}
