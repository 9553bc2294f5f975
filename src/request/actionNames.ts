import type { Context } from 'koa';
import { shared } from '../registry/registry';

/** A route of @koa/router. */
interface Route {
  readonly methods: readonly string[];
}

const names = shared('action names', () => new WeakMap<Route, string>());

/** Says which action a route leads to. */
export function nameAction(route: Route, name: string): void {
  names.set(route, name);
}

/** The action of a request, such as `UserController.list`. Looked up only for messages, so that requests do not pay. */
export function actionNameOf(ctx: Context): string | undefined {
  const { matched } = ctx as { matched?: unknown };
  if (!Array.isArray(matched)) return undefined;
  // Several routes may match, and the first one runs.
  const route = (matched as Route[]).find((each) => names.has(each) && each.methods.includes(ctx.method));
  return route === undefined ? undefined : names.get(route);
}
