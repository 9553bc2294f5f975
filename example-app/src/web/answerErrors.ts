import type { ValidationError } from 'class-validator';
import type { Context, Next } from 'koa';
import { HttpError } from 'routing-controllers';
import { JwtError } from 'routing-controllers-jwt-extended';

/**
 * Answers all errors in one format, `{ msg }`, those of guards too (`throwRefusals`). The handler of routing-controllers would send every property of an error, such as
 * the query and its parameters of a database error.
 */
export async function answerErrors(ctx: Context, next: Next): Promise<void> {
  try {
    await next();
  } catch (error) {
    ctx.status = statusOf(error);
    ctx.body = error instanceof JwtError ? error.toJSON() : { msg: reasonOf(error) ?? ctx.message };
    if (error instanceof JwtError) ctx.set(error.headers);
    if (ctx.status >= 500) ctx.app.emit('error', error, ctx);
  }
}

function statusOf(error: unknown): number {
  if (error instanceof HttpError) return error.httpCode;
  // From the body parser. Its messages quote the body, which may hold a password.
  const { status } = error as { status?: unknown };
  return typeof status === 'number' && status >= 400 && status < 500 ? status : 500;
}

/** The message of this application or routing-controllers, or those of class-validator. */
function reasonOf(error: unknown): string | undefined {
  if (!(error instanceof HttpError)) return undefined;
  const { errors = [] } = error as { errors?: ValidationError[] };
  const broken = errors.flatMap(({ constraints }) => Object.values(constraints ?? {}));
  return broken.length > 0 ? broken.join('; ') : error.message;
}
