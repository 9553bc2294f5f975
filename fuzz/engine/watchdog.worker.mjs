import { writeSync } from 'node:fs';
import { workerData } from 'node:worker_threads';

const SECONDS = 20;
const { count, text } = workerData;
let last = -1;
let since = performance.now();

setInterval(() => {
  const now = Atomics.load(count, 0);
  if (now !== last) {
    last = now;
    since = performance.now();
    return;
  }
  if (now === 0 || performance.now() - since < SECONDS * 1000) return;
  const input = String.fromCharCode(...text.subarray(0, count[1]));
  writeSync(
    2,
    `FAILED hang: this input has kept the process busy for ${SECONDS} s:\n${JSON.stringify(input)}\n`,
  );
  process.kill(process.pid, 'SIGKILL');
}, 1000);
