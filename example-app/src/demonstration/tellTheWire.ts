import { AsyncLocalStorage } from 'node:async_hooks';
import type { Context, Next } from 'koa';
import { jwtEvents } from 'routing-controllers-jwt-extended';

const requests = new AsyncLocalStorage<Context>();

jwtEvents.admitted.subscribe(({ location }) => {
  tell({ 'X-Jwt-Location': location });
});
jwtEvents.refused.subscribe(({ code, location }) => {
  tell({ 'X-Jwt-Code': code, 'X-Jwt-Location': location });
});

/** Says in headers what the guard has found, for the page to show: where the token was, and why it was refused. */
export async function tellTheWire(ctx: Context, next: Next): Promise<void> {
  await requests.run(ctx, next);
}

function tell(headers: Readonly<Record<string, string | undefined>>): void {
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) requests.getStore()?.set(name, value);
  }
}
