import type { Context } from 'koa';

/**
 * A header of the request, or an empty string. Unlike `ctx.get` it never reads one that was put on Object.prototype,
 * from which Node's object of headers inherits.
 */
export function ownHeader(ctx: Context, name: string): string {
  const { headers } = ctx.req;
  const key = name.toLowerCase();
  const value = Object.hasOwn(headers, key) ? headers[key] : undefined;
  return typeof value === 'string' ? value : (value ?? []).join(', ');
}
