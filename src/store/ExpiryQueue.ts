/** Something that ends, in seconds since 1970. */
export interface Ending {
  readonly until: number;
}

/** Gives back first what ends first: a binary heap, so that each call takes logarithmic time. */
export class ExpiryQueue<Item extends Ending> {
  readonly #heap: Item[] = [];

  get size(): number {
    return this.#heap.length;
  }

  /** What ends first. */
  peek(): Item | undefined {
    return this.#heap[0];
  }

  add(item: Item): void {
    let at = this.#heap.length;
    while (at > 0) {
      const above = (at - 1) >> 1;
      const parent = this.#heap[above];
      if (parent === undefined || parent.until <= item.until) break;
      this.#heap[at] = parent;
      at = above;
    }
    this.#heap[at] = item;
  }

  /** Removes what ends first. */
  shift(): void {
    const last = this.#heap.pop();
    if (last !== undefined && this.#heap.length > 0) this.#sink(last);
  }

  /** Puts an item where it belongs below the top, whose place is free. */
  #sink(item: Item): void {
    let at = 0;
    for (;;) {
      const below = this.#firstBelow(at);
      const child = this.#heap[below];
      if (child === undefined || item.until <= child.until) break;
      this.#heap[at] = child;
      at = below;
    }
    this.#heap[at] = item;
  }

  /** Which of the two below a place ends first. */
  #firstBelow(at: number): number {
    const below = 2 * at + 1;
    const [one, other] = [this.#heap[below], this.#heap[below + 1]];
    return one !== undefined && other !== undefined && other.until < one.until ? below + 1 : below;
  }
}
