import type { Context } from 'koa';
import type { Constructor } from '../config/OptionTable';

const MANAGER = Symbol('jwt manager');

/** Notes with a request which manager has let it in: there may be several, and their users are not the same people. */
export function noteAdmittedBy(ctx: Context, manager: object): void {
  (ctx as unknown as Record<symbol, object>)[MANAGER] = manager;
}

/** The manager that has let a request in; undefined where none has. */
export function admittedBy(ctx: Context): object | undefined {
  return (ctx as unknown as Record<symbol, object | undefined>)[MANAGER];
}

const NAMED = Symbol('jwt manager named');

/** Notes which manager an action names that nobody guards, for those who look at the token all the same. */
export function noteNamed(ctx: Context, manager: Constructor): void {
  (ctx as unknown as Record<symbol, Constructor>)[NAMED] = manager;
}

/** The class of the manager that an open action names. */
export function namedBy(ctx: Context): Constructor | undefined {
  return (ctx as unknown as Record<symbol, Constructor | undefined>)[NAMED];
}
