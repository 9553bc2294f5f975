import type { Context } from 'koa';
import { KoaDriver, UnauthorizedError, type Action } from 'routing-controllers';
import { JwtError } from '../errors';
import { isNotedHttpError } from '../loader/httpErrors';
import { shared } from '../registry/registry';
import { sendRefusal } from '../request/answerRefusal';
import { refuseAnonymous } from './checkers';
import { setErrorHandler } from './errorHandlers';
import { admittingManager } from './managerOf';

type HandleError = KoaDriver['handleError'];
type Metadata = Parameters<HandleError>[1];

/**
 * Lets servers of routing-controllers answer errors of this library wherever they come from: an action, a checker, a
 * parameter. Their answer has headers, and its body may be a loader's, which the default error handler would not send.
 * There is no hook for it, so it wraps methods of KoaDriver.
 */
export function interceptAnswers(): void {
  const driver = KoaDriver.prototype;
  if (intercepted.has(driver)) return;
  intercepted.add(driver);
  /* eslint-disable @typescript-eslint/unbound-method -- called with their driver below */
  const { handleError, handleSuccess, registerAction } = driver;
  /* eslint-enable @typescript-eslint/unbound-method */

  driver.handleError = function (this: KoaDriver, error: unknown, metadata: Metadata, action: Action) {
    const handle: Handle = (each) => {
      // An answer loader may throw an HTTP error too.
      if (isNotedHttpError(each) && each !== error) return this.handleError(each, metadata, action);
      return handleError.call(this, each, metadata, action);
    };
    if (error instanceof JwtError) return answerRefused(error, action, handle);
    if (isAuthorizationRequired(error)) return answerAnonymous(error, action, handle);
    if (isNotedHttpError(error)) return answerHttpError(error, action, handle);
    return handle(error);
  };

  driver.handleSuccess = function (this: KoaDriver, result: unknown, metadata, action): unknown {
    // A deep look at each answer is for development.
    assertAwaited(result, this.developmentMode ? 3 : 1);
    // A promise, whatever its type says: of the middlewares after the action.
    return Reflect.apply<KoaDriver, Parameters<typeof handleSuccess>, unknown>(handleSuccess, this, [
      result,
      metadata,
      action,
    ]);
  };

  driver.registerAction = function (this: KoaDriver, metadata, execute) {
    for (const { middleware } of metadata.uses) {
      setErrorHandler(middleware, async (error, action) => {
        await this.handleError(error, metadata, action);
      });
    }
    registerAction.call(this, metadata, execute);
  };
}

const intercepted = shared('answering drivers', () => new WeakSet());

/** routing-controllers does not export its class. */
function isAuthorizationRequired(error: unknown): error is Error {
  return error instanceof UnauthorizedError && error.name === 'AuthorizationRequiredError';
}

type Handle = (error: unknown) => Promise<void>;

/** Answers as a guard would. Throws the refusal, when the default error handler is off or `throwRefusals` says so. */
async function answerRefused(error: JwtError, action: Action, handle: Handle): Promise<void> {
  const ctx = action.context as Context;
  try {
    error.refuser ??= admittingManager(action);
    await error.decideAnswer(ctx);
  } catch (loaderError) {
    await handle(loaderError);
    return;
  }
  if (error.refuser.config.throwRefusals) throw error;
  await handle(error);
  sendRefusal(error, ctx);
}

/** `@CurrentUser({ required: true })` and an anonymous visitor. */
async function answerAnonymous(error: Error, action: Action, handle: Handle): Promise<void> {
  try {
    await refuseAnonymous(action);
  } catch (refusal) {
    if (refusal instanceof JwtError) return answerRefused(refusal, action, handle);
    await handle(refusal);
    return;
  }
  await handle(error);
}

/** The default error handler answers every error with 500 that is none of routing-controllers, even `ctx.throw(403)`. */
async function answerHttpError(error: Error, action: Action, handle: Handle): Promise<void> {
  await handle(error);
  const ctx = action.context as Context;
  const { status, headers } = error as { status?: unknown; headers?: Record<string, string> };
  if (typeof status === 'number') ctx.status = status;
  if (headers !== undefined) ctx.set(headers);
}

/** Throws TypeError for an answer that holds a marked promise, `depth` levels down: a transformer would lose the mark. */
function assertAwaited(value: unknown, depth: number): void {
  if (typeof value !== 'object' || value === null) return;
  if (value instanceof Promise && Object.hasOwn(value, 'toJSON')) {
    (value as unknown as { toJSON(): never }).toJSON();
  }
  const isPlain = Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype;
  if (depth === 0 || !isPlain) return;
  for (const each of Object.values(value)) assertAwaited(each, depth - 1);
}
