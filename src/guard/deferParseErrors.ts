import type { Context, Middleware, Next } from 'koa';
import { KoaDriver } from 'routing-controllers';

let deferred = false;

/**
 * routing-controllers parses bodies before anything else, so that invalid JSON is a 400 before a guard can say
 * that there is no token in it. With this the 400 is thrown to whoever reads the body, which an action with a
 * `@Body()` does and a guard that looks for a token in there forgives.
 */
export function deferParseErrors(): void {
  if (deferred) return;
  deferred = true;
  // eslint-disable-next-line @typescript-eslint/unbound-method -- called with its driver below
  const { initialize } = KoaDriver.prototype;
  KoaDriver.prototype.initialize = function (this: KoaDriver) {
    const { middleware } = this.koa as { middleware: Middleware[] };
    const position = middleware.length;
    initialize.call(this);
    const parser = middleware[position];
    if (parser !== undefined) middleware[position] = deferring(parser);
  };
}

function deferring(parser: Middleware): Middleware {
  return async (ctx: Context, next: Next) => {
    let hasParsed = false as boolean;
    try {
      await parser(ctx, () => {
        hasParsed = true;
        return next();
      });
    } catch (error) {
      if (hasParsed || (error as { status?: unknown }).status !== 400) throw error;
      Object.defineProperty(ctx.request, 'body', {
        configurable: true,
        get: () => {
          throw error;
        },
        set: (value: unknown) => {
          Object.defineProperty(ctx.request, 'body', { value, writable: true });
        },
      });
      await next();
    }
  };
}
