import type { Action } from 'routing-controllers';
import { shared } from '../registry/registry';

/** What routing-controllers does with an error of an action. */
export type ErrorHandler = (error: Error, action: Action) => Promise<void>;

const handlers = shared('error handlers', () => new WeakMap<object, ErrorHandler>());

/** Names the handler for the middlewares of an action: their errors would go to Koa. */
export function setErrorHandler(middleware: object, handler: ErrorHandler): void {
  handlers.set(middleware, handler);
}

/** Undefined for middleware of plain Koa. */
export function errorHandlerOf(middleware: object): ErrorHandler | undefined {
  return handlers.get(middleware);
}
