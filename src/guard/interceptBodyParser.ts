import type Koa from 'koa';
import type { Context, Middleware, Next } from 'koa';
import { KoaDriver } from 'routing-controllers';
import { shared } from '../registry/registry';
import { areParseErrorsDeferred, isSyntaxError } from '../request/parseErrors';
import { notesOf } from '../request/RequestNotes';

/**
 * Lets servers of routing-controllers pass the errors of their body parser on to `throwParseError`, so that a guard can
 * answer before them. This is for servers that are created after a token was looked for in a JSON body; others keep
 * the 400 of the body parser. There is no hook for it, so it wraps the method of KoaDriver that adds the parser.
 */
export function interceptBodyParser(): void {
  if (intercepted.has(KoaDriver.prototype)) return;
  intercepted.add(KoaDriver.prototype);
  // eslint-disable-next-line @typescript-eslint/unbound-method -- called with their driver below
  const { initialize, registerRoutes } = KoaDriver.prototype;
  KoaDriver.prototype.initialize = function (this: KoaDriver) {
    const { middleware } = this.koa as { middleware: Middleware[] };
    const position = middleware.length;
    initialize.call(this);
    const parser = middleware[position];
    if (parser !== undefined && areParseErrorsDeferred()) middleware[position] = deferring(parser);
  };
  KoaDriver.prototype.registerRoutes = function (this: KoaDriver) {
    registerRoutes.call(this);
    // What comes after the controllers is for plain Koa, and has never seen a request with a broken body.
    if (areParseErrorsDeferred()) (this.koa as Koa).use(throwParseError);
  };
}

const intercepted = shared('body parsers', () => new WeakSet());

/** Middleware that throws the deferred error of the body parser, if there is one. */
export async function throwParseError(ctx: Context, next: Next): Promise<void> {
  const { parseError } = notesOf(ctx);
  if (parseError !== undefined) throw parseError as Error;
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
      if (hasParsed || !isSyntaxError(error)) throw error;
      notesOf(ctx).parseError = error;
      await next();
    }
  };
}
