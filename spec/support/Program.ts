import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';

export interface Surroundings {
  readonly cwd: string;
  /** Added to this process's own; undefined takes a variable away. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

type Child = ChildProcessByStdio<null, Readable, Readable>;

/** Runs a command to its end and returns what it wrote to stdout. Throws all that it wrote if it fails. */
export async function run(command: string, args: readonly string[], where: Surroundings): Promise<string> {
  const child = started(command, args, where);
  let stdout = '';
  let all = '';
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString();
  });
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      all += chunk.toString();
    });
  }
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${String(code)}:\n${all}`);
  return stdout;
}

/** A server in a Node process of its own. */
export class Program {
  private constructor(
    readonly child: Child,
    /** What it had printed by the time it was ready. */
    readonly output: string,
  ) {}

  /** Starts a script and waits until its output matches. Throws what it wrote if it ends before that. */
  static async start(script: string, isReady: RegExp, where: Surroundings): Promise<Program> {
    const child = started(process.execPath, [script], where);
    let output = '';
    await new Promise<void>((resolve, reject) => {
      for (const stream of [child.stdout, child.stderr]) {
        stream.on('data', (chunk: Buffer) => {
          output += chunk.toString();
          if (isReady.test(output)) resolve();
        });
      }
      child.once('error', reject);
      child.once('close', () => {
        reject(new Error(`${script} ended before it printed ${String(isReady)}:\n${output}`));
      });
    });
    return new Program(child, output);
  }

  async stop(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const ended = once(this.child, 'close');
    this.child.kill();
    await ended;
  }
}

function started(command: string, args: readonly string[], { cwd, env }: Surroundings): Child {
  return spawn(command, args, {
    cwd,
    // Coverage is measured of this process only: that of a compiler or of npm would be a burden.
    env: { ...process.env, NODE_V8_COVERAGE: undefined, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}
