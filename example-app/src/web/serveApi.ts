import type { Context, Next } from 'koa';
import send from 'koa-send';
import { getAbsoluteFSPath } from 'swagger-ui-dist';
import { apiDocument } from './apiDocument';

let document: ReturnType<typeof apiDocument> | undefined;

/** The OpenAPI document, and Swagger UI from its package for the page in `public/api`. */
export async function serveApi(ctx: Context, next: Next): Promise<void> {
  const file = /^\/api\/(swagger-ui\.css|swagger-ui-bundle\.js)$/.exec(ctx.path)?.[1];
  if (file !== undefined) await send(ctx, file, { root: getAbsoluteFSPath() });
  else if (ctx.path === '/openapi.json') ctx.body = await (document ??= apiDocument());
  else await next();
}
