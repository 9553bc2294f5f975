/** Entries are forgotten by the minute, all that end in it at once, so that no sweep looks at those that stay. */
const BUCKET_SECONDS = 60;

/** A map whose entries go when their time has come: in constant time each, without a timer. */
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

  /** `until` is in seconds since 1970; left out, the entry stays. */
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

  /** Forgets what has ended. Every `set` does, a little at a time: a million that end at once hold nobody up. */
  purge(most = 1000): void {
    const now = bucketOf(nowInSeconds());
    // Where the clock was put back, what ends before it has caught up would never be come by.
    if (now < this.#purged) this.#purged = now;
    for (let left = most; this.#purged < now && left > 0;) {
      const ended = this.#endingIn.get(this.#purged) ?? [];
      for (const key of ended.splice(-left)) {
        left--;
        // It may have been set anew since, to end later.
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
