import type { Context, Middleware, Next } from 'koa';
import { KoaDriver } from 'routing-controllers';
import { RequestSlot } from './RequestSlot';

const parseError = new RequestSlot<unknown>('jwt parse error');

let isDeferring = false;

/**
 * routing-controllers parses bodies before anything else, so that invalid JSON is a 400 before a guard can say
 * that there is no token in it. With this, which the location `json` asks for, the error waits for the guard;
 * `throwParseError` throws it before the action. Servers that are created before keep the 400.
 */
export function deferParseErrors(): void {
  if (isDeferring) return;
  isDeferring = true;
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

/** Whether servers that are created now defer them, and so have to throw them. */
export function areParseErrorsDeferred(): boolean {
  return isDeferring;
}

/** Whether the body was no JSON, or none that could be read. */
export function hasParseError(ctx: Context): boolean {
  return parseError.get(ctx) !== undefined;
}

/** Middleware that throws what the body parser has thrown, if it was deferred. */
export async function throwParseError(ctx: Context, next: Next): Promise<void> {
  const error = parseError.get(ctx);
  if (error !== undefined) throw error as Error;
  await next();
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
      if (hasParsed || isOfAnotherKind(error)) throw error;
      parseError.set(ctx, error);
      await next();
    }
  };
}

/** Too large, or in a charset that nobody knows, is another matter than no JSON. */
function isOfAnotherKind(error: unknown): boolean {
  const { status } = error as { status?: unknown };
  return status === 413 || status === 415;
}
