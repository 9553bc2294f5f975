import type { Context } from 'koa';

const MANAGER = Symbol('jwt manager');

/** Notes with a request which manager has let it in: there may be several, and their users are not the same people. */
export function noteAdmittedBy(ctx: Context, manager: object): void {
  (ctx as unknown as Record<symbol, object>)[MANAGER] = manager;
}

/** The manager that has let a request in; undefined where none has. */
export function admittedBy(ctx: Context): object | undefined {
  return (ctx as unknown as Record<symbol, object | undefined>)[MANAGER];
}
