/** An order that is no longer than this is never too long. */
const MIN_ORDER = 16;

/** The sessions of one identity by their `sid`, oldest first. All but the iteration takes constant time on average. */
export class SidList {
  readonly #entries = new Map<string, { readonly sid: string }>();
  /** Also has what was deleted, until it is the greater part: after deletions a map finds its first entry slowly. */
  #order: { readonly sid: string }[] = [];
  #from = 0;

  get size(): number {
    return this.#entries.size;
  }

  /** Undefined when there is none. */
  get oldest(): string | undefined {
    for (; this.#from < this.#order.length; this.#from++) {
      const entry = this.#order[this.#from];
      if (entry !== undefined && this.#entries.get(entry.sid) === entry) return entry.sid;
    }
    return undefined;
  }

  [Symbol.iterator](): Iterator<string> {
    return this.#entries.keys();
  }

  add(sid: string): void {
    this.delete(sid);
    const entry = { sid };
    this.#entries.set(sid, entry);
    this.#order.push(entry);
  }

  delete(sid: string): void {
    this.#entries.delete(sid);
    if (this.#order.length <= 2 * this.#entries.size + MIN_ORDER) return;
    this.#order = [...this.#entries.values()];
    this.#from = 0;
  }
}
