/** Entries are evicted by the minute in which they end, so that no sweep looks at entries that stay. */
const BUCKET_SECONDS = 60;

/** A map whose entries expire. Each eviction takes constant time, and there is no timer. */
export class ExpiringMap<Value> {
  readonly #entries = new Map<string, { readonly value: Value; readonly until: number }>();
  readonly #endingIn = new Map<number, string[]>();
  #purged = bucketOf(nowInSeconds());

  get size(): number {
    return this.#entries.size;
  }

  get(key: string): Value | undefined {
    const entry = this.#entries.get(key);
    return entry !== undefined && entry.until > nowInSeconds() ? entry.value : undefined;
  }

  /** `until` is in seconds since 1970. Without it the entry stays. */
  set(key: string, value: Value, until = Infinity): void {
    this.purge();
    if (until <= nowInSeconds()) return;
    const known = this.#entries.get(key);
    this.#entries.set(key, { value, until });
    if (until === Infinity || (known !== undefined && bucketOf(known.until) === bucketOf(until))) return;
    const bucket = this.#endingIn.get(bucketOf(until));
    if (bucket === undefined) this.#endingIn.set(bucketOf(until), [key]);
    else bucket.push(key);
  }

  delete(key: string): void {
    this.#entries.delete(key);
  }

  /** Evicts what has expired. Every `set` evicts a little, so that a million that end at once delay nobody. */
  purge(max = 1000): void {
    const now = bucketOf(nowInSeconds());
    // When the clock was set back, buckets that end before it has caught up would be missed.
    if (now < this.#purged) this.#purged = now;
    for (let left = max; this.#purged < now && left > 0;) {
      const ended = this.#endingIn.get(this.#purged) ?? [];
      for (const key of ended.splice(-left)) {
        left--;
        // It may have been set again since, to end later.
        if ((this.#entries.get(key)?.until ?? Infinity) <= nowInSeconds()) this.#entries.delete(key);
      }
      if (ended.length > 0) return;
      this.#endingIn.delete(this.#purged++);
    }
  }
}

function bucketOf(seconds: number): number {
  return Math.floor(seconds / BUCKET_SECONDS);
}

function nowInSeconds(): number {
  return Date.now() / 1000;
}
