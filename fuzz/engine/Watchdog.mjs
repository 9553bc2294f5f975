import { Worker } from 'node:worker_threads';

const MAX_LENGTH = 8192;

/** Ends the process when one input keeps its thread busy for too long, and prints that input first. */
export class Watchdog {
  #count = new Int32Array(new SharedArrayBuffer(8));
  #text = new Uint16Array(new SharedArrayBuffer(MAX_LENGTH * 2));
  #worker;

  constructor() {
    const workerData = { count: this.#count, text: this.#text };
    this.#worker = new Worker(new URL('watchdog.worker.mjs', import.meta.url), { workerData });
    this.#worker.unref();
  }

  begin(text) {
    const length = Math.min(text.length, MAX_LENGTH);
    for (let i = 0; i < length; i++) this.#text[i] = text.charCodeAt(i);
    this.#count[1] = length;
    Atomics.add(this.#count, 0, 1);
  }

  /** Nothing runs until the next begin. */
  rest() {
    Atomics.store(this.#count, 0, 0);
  }

  stop() {
    return this.#worker.terminate();
  }
}
