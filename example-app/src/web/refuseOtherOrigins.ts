import type { Context, Next } from 'koa';
import { ForbiddenError } from 'routing-controllers';

/**
 * For what needs no token yet, so that no CSRF value can guard it: a form of another site could else log a visitor in
 * to an account that its author reads. What is no browser sends neither header.
 */
export async function refuseOtherOrigins(ctx: Context, next: Next): Promise<void> {
  const site = ctx.get('Sec-Fetch-Site');
  const isOwn = site === '' ? isOwnOrigin(ctx) : site === 'same-origin' || site === 'none';
  if (!isOwn) throw new ForbiddenError('Not from another site');
  await next();
}

/** For browsers of before 2023. */
function isOwnOrigin(ctx: Context): boolean {
  const origin = ctx.get('Origin');
  return origin === '' || (URL.canParse(origin) && new URL(origin).host === ctx.host);
}
