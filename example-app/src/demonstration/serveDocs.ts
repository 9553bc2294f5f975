import path from 'node:path';
import type { Context, Next } from 'koa';
import send from 'koa-send';

const PACKAGE = path.dirname(require.resolve('routing-controllers-jwt-extended/package.json'));

/** The library's documentation, from its package, as text: `/docs/answers.md`. */
export async function serveDocs(ctx: Context, next: Next): Promise<void> {
  if (!/^\/docs\/[a-z0-9-]+\.md$/.test(ctx.path)) {
    await next();
    return;
  }
  await send(ctx, ctx.path, { root: PACKAGE });
  ctx.type = 'text/plain; charset=utf-8';
}
