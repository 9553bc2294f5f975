/**
 * The time of day of this process, which a test can move: to see tokens end without waiting. It replaces `Date.now`
 * until `restore()`. Fake timers of vitest, jest and sinon do as well, but stop the timers of servers and clients too.
 */
export class JwtClock {
  readonly #now = Date.now;
  readonly #moved = (): number => this.#now() + this.#lead;
  #lead = 0;

  constructor() {
    Date.now = this.#moved;
  }

  /** Moves the time of day ahead by so many seconds. */
  advance(seconds: number): void {
    this.#lead += seconds * 1000;
  }

  /** Ends the replacement. Throws if another replacement came later, because it would be lost. */
  restore(): void {
    if (Date.now !== this.#moved) throw new Error('Date.now was replaced again: restore that first');
    Date.now = this.#now;
  }
}
