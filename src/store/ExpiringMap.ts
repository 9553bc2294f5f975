import { ExpiryQueue } from './ExpiryQueue';

interface Entry<Value> {
  readonly key: string;
  value: Value;
  readonly until: number;
}

/** A map whose entries expire. No call looks at entries that stay, and there is no timer. */
export class ExpiringMap<Value> {
  readonly #entries = new Map<string, Entry<Value>>();
  /** Also has entries that were deleted or got another end, until they are the greater part. */
  #queue = new ExpiryQueue<Entry<Value>>();

  /** `expired` is told of each entry that is evicted because it has expired. */
  constructor(private readonly expired: (key: string, value: Value) => void = () => undefined) {}

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
    if (known?.until === until) {
      known.value = value;
      return;
    }
    const entry = { key, value, until };
    this.#entries.set(key, entry);
    if (until === Infinity) return;
    this.#queue.add(entry);
    this.#shorten();
  }

  delete(key: string): void {
    if (this.#entries.delete(key)) this.#shorten();
  }

  /** Evicts what has expired. Every `set` evicts a little, so that a million that end at once delay nobody. */
  purge(max = 1000): void {
    const now = nowInSeconds();
    for (let left = max; left > 0; left--) {
      const first = this.#queue.peek();
      if (first === undefined || first.until > now) return;
      this.#queue.shift();
      if (this.#entries.get(first.key) !== first) continue;
      this.#entries.delete(first.key);
      this.expired(first.key, first.value);
    }
  }

  /** Costs no more than the calls that made it necessary. */
  #shorten(): void {
    if (this.#queue.size <= 2 * this.#entries.size + MIN_QUEUE) return;
    this.#queue = new ExpiryQueue();
    for (const entry of this.#entries.values()) if (entry.until !== Infinity) this.#queue.add(entry);
  }
}

/** A queue that is no longer than this is never too long. */
const MIN_QUEUE = 64;

function nowInSeconds(): number {
  return Date.now() / 1000;
}
