import type { Context } from 'koa';
import type { Action } from 'routing-controllers';

/** How routing-controllers, and the containers behind it, know a request. */
export function actionOf(context: Context): Action {
  return { request: context.request, response: context.response, context };
}
