/** The time of day of this process, which a spec can move ahead. `restore()` ends that. */
export class Clock {
  readonly #now = Date.now;
  #lead = 0;

  constructor() {
    Date.now = () => this.#now() + this.#lead;
  }

  advance(seconds: number): void {
    this.#lead += seconds * 1000;
  }

  restore(): void {
    Date.now = this.#now;
  }
}
