import type { Context, Next } from 'koa';
import { ForbiddenError } from 'routing-controllers';

/**
 * For routes without a token, which no CSRF value can protect: otherwise another site could log a visitor in to an
 * account that its author reads. Clients other than browsers send neither header.
 */
export async function refuseOtherOrigins(ctx: Context, next: Next): Promise<void> {
  const site = ctx.get('Sec-Fetch-Site');
  const isOwn = site === '' ? isOwnOrigin(ctx) : site === 'same-origin' || site === 'none';
  if (!isOwn) throw new ForbiddenError('Not from another site');
  await next();
}

/** For browsers from before 2023. */
function isOwnOrigin(ctx: Context): boolean {
  const origin = ctx.get('Origin');
  return origin === '' || (URL.canParse(origin) && new URL(origin).host === ctx.host);
}
