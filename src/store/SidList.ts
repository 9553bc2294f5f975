/** An order that is no longer than this is never too long. */
const MIN_ORDER = 16;

/** The sessions of one identity by their `sid`, oldest first. On average each call but the iteration takes constant time. */
export class SidList {
  readonly #sids = new Set<string>();
  /** Also has the sids that were deleted, until they are the greater part. A set finds its first one slowly after deletions. */
  #order: string[] = [];
  #from = 0;

  get size(): number {
    return this.#sids.size;
  }

  /** Undefined when there is none. */
  get oldest(): string | undefined {
    while (this.#from < this.#order.length && !this.#sids.has(String(this.#order[this.#from]))) this.#from++;
    return this.#order[this.#from];
  }

  [Symbol.iterator](): Iterator<string> {
    return this.#sids.values();
  }

  add(sid: string): void {
    if (this.#sids.has(sid)) return;
    this.#sids.add(sid);
    this.#order.push(sid);
  }

  delete(sid: string): void {
    this.#sids.delete(sid);
    if (this.#order.length <= 2 * this.#sids.size + MIN_ORDER) return;
    this.#order = [...this.#sids];
    this.#from = 0;
  }
}
