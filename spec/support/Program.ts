import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';

/** Milliseconds that a server may take to start. */
const PATIENCE = 20_000;

export interface Surroundings {
  readonly cwd: string;
  /** Added to this process's own; undefined removes a variable. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

type Child = ChildProcessByStdio<null, Readable, Readable>;

/** Runs a command and returns its stdout. Throws all its output if it fails. */
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

/** A server in a separate Node process. */
export class Program {
  /** What it has printed so far. */
  output = '';

  private constructor(private readonly child: Child) {
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        this.output += chunk.toString();
      });
    }
  }

  /** Starts a script and waits until it is ready, or throws its output. */
  static async start(
    script: string,
    isReady: (program: Program) => boolean | Promise<boolean>,
    where: Surroundings,
  ): Promise<Program> {
    const program = new Program(started(process.execPath, [script], where));
    const deadline = Date.now() + PATIENCE;
    while (!(await isReady(program))) {
      if (program.hasEnded || Date.now() > deadline) {
        await program.stop();
        throw new Error(`${script} did not get ready:\n${program.output}`);
      }
      await sleep(20);
    }
    return program;
  }

  /** Sends a signal, and waits until the program has printed a text once more. */
  async signal(name: NodeJS.Signals, said: string): Promise<void> {
    const before = this.output.split(said).length;
    const deadline = Date.now() + PATIENCE;
    this.child.kill(name);
    while (this.output.split(said).length === before) {
      if (this.hasEnded || Date.now() > deadline) throw new Error(`No ${said} in:\n${this.output}`);
      await sleep(5);
    }
  }

  async stop(): Promise<void> {
    if (this.hasEnded) return;
    const ended = once(this.child, 'close');
    this.child.kill();
    await ended;
  }

  private get hasEnded(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }
}

function started(command: string, args: readonly string[], { cwd, env }: Surroundings): Child {
  return spawn(command, args, {
    cwd,
    // Coverage is for this process only: it would slow down compilers and npm.
    env: { ...process.env, NODE_V8_COVERAGE: undefined, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}
