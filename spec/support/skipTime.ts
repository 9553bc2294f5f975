let skipped = 0;
const now = performance.now.bind(performance);
performance.now = () => now() + skipped;

/** Moves the monotonic clock of this process ahead, but not the time of day. */
export function skipTime(seconds: number): void {
  skipped += seconds * 1000;
}
