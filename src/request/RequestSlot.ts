import type { Context } from 'koa';

/** A note on a request, under a name that nobody else has. It is gone with the context. */
export class RequestSlot<T> {
  readonly #name: symbol;

  constructor(description: string) {
    this.#name = Symbol(description);
  }

  get(ctx: Context): T | undefined {
    return (ctx as unknown as Record<symbol, T | undefined>)[this.#name];
  }

  set(ctx: Context, value: T): void {
    (ctx as unknown as Record<symbol, T>)[this.#name] = value;
  }
}
