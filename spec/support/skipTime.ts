let skipped = 0;
const now = performance.now.bind(performance);
performance.now = () => now() + skipped;

/** Lets the monotonic clock of this process jump ahead; that of the day goes on as it was. */
export function skipTime(seconds: number): void {
  skipped += seconds * 1000;
}
