import { setImmediate as turn } from 'node:timers/promises';
import { Violation } from './Violation.mjs';

/** Milliseconds of the processor that one input may take. It is tried again first, because of garbage collection. */
const LONGEST = 250;
/** Milliseconds after which a call counts as one that never ends. */
const NEVER = 20_000;

/** Runs single inputs on a target, and watches what happens meanwhile. */
export class Runner {
  #target;
  #coverage;
  #watchdog;
  #rejections = [];
  #onRejection = (reason) => this.#rejections.push(reason);
  runs = 0;

  constructor(target, coverage, watchdog) {
    this.#target = target;
    this.#coverage = coverage;
    this.#watchdog = watchdog;
    process.on('unhandledRejection', this.#onRejection);
    process.on('uncaughtException', this.#onRejection);
  }

  close() {
    this.#watchdog?.rest();
    process.off('unhandledRejection', this.#onRejection);
    process.off('uncaughtException', this.#onRejection);
  }

  /** What ran, and the error with which the target failed, if it did. */
  async run(text) {
    let result = await this.#once(text);
    for (let again = 0; again < 3 && result.error?.kind === 'slow'; again++) result = await this.#once(text);
    return result;
  }

  async #once(text) {
    this.runs++;
    this.#watchdog?.begin(text);
    this.#coverage.reset();
    const started = process.cpuUsage();
    let error;
    try {
      await withinTime(this.#target.run(text));
    } catch (thrown) {
      error = thrown;
    }
    const { user, system } = process.cpuUsage(started);
    const took = (user + system) / 1000;
    const features = this.#coverage.features();
    // Node reports a rejection when all microtasks are done.
    await turn();
    const [rejection] = this.#rejections.splice(0);
    if (rejection !== undefined)
      error ??= new Violation('unhandled rejection', String(rejection?.stack ?? rejection));
    if (took > LONGEST) error ??= new Violation('slow', `slow: ${Math.round(took)} ms`);
    return { features, error };
  }
}

async function withinTime(promise) {
  let timer;
  const tooLate = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Violation('hang', `hang: no end after ${NEVER} ms`)), NEVER);
  });
  try {
    await Promise.race([promise, tooLate]);
  } finally {
    clearTimeout(timer);
  }
}

/** What stays the same of a failure while its input is made smaller. */
export function kindOf(error) {
  if (error instanceof Violation) return error.kind;
  return error instanceof Error ? `${error.name}: ${error.message.slice(0, 40)}` : String(error);
}
