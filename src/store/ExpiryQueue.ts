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
      const parent = this.#heap[above] as Item;
      if (parent.until <= item.until) break;
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
    const { length } = this.#heap;
    let at = 0;
    for (;;) {
      let below = 2 * at + 1;
      if (below >= length) break;
      if (below + 1 < length && this.#until(below + 1) < this.#until(below)) below++;
      if (item.until <= this.#until(below)) break;
      this.#heap[at] = this.#heap[below] as Item;
      at = below;
    }
    this.#heap[at] = item;
  }

  #until(at: number): number {
    return (this.#heap[at] as Item).until;
  }
}
