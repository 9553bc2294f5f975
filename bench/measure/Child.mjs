import { fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';

/** A separate Node process that answers questions. Its module calls `answer`. */
export class Child {
  #process;

  constructor(module, { execArgv = [] } = {}) {
    this.#process = fork(path.join(import.meta.dirname, module), { execArgv: ['--expose-gc', ...execArgv] });
  }

  /** Throws what the child throws, or if it ends. */
  ask(question, ...args) {
    return new Promise((resolve, reject) => {
      const child = this.#process;
      const ended = (code, signal) => reject(new Error(`A child has ended: ${signal ?? code}`));
      child.once('exit', ended);
      child.once('message', ({ value, error, name }) => {
        child.off('exit', ended);
        if (error === undefined) resolve(value);
        else reject(Object.assign(new Error(error), { name }));
      });
      child.send({ question, args });
    });
  }

  /** Lets it exit by itself, so that it writes a profile if asked to. */
  async leave() {
    const ended = once(this.#process, 'exit');
    this.#process.disconnect();
    await ended;
  }

  async end() {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const ended = once(this.#process, 'exit');
    this.#process.kill();
    await ended;
  }
}

/** Answers the questions of the parent, one at a time. */
export function answer(answers) {
  process.on('message', async ({ question, args }) => {
    try {
      process.send({ value: await answers[question](...args) });
    } catch (error) {
      process.send({ error: error.stack, name: error.name });
    }
  });
  // The parent may be killed, and must leave no server behind.
  process.on('disconnect', () => process.exit());
}
