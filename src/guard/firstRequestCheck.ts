import type { Context, Next } from 'koa';
import { JwtConfigurationError } from '../errors';
import { notesOf } from '../request/RequestNotes';
import { setupOf } from './setup';
import type { ServerBuild } from './ServerBuild';

/**
 * Koa middleware for development: refuses requests while the container cannot make what the server needs. Only a request
 * can tell, because the container may be filled after the server was built. A manager that is missing is an error of
 * the guard that needs it: other requests may have one.
 */
export function firstRequestCheck(build: ServerBuild): (ctx: Context, next: Next) => Promise<unknown> {
  let isDone = false;
  return (ctx, next) => {
    if (isDone) return next();
    const { missing, problems } = setupOf(build, notesOf(ctx).action);
    if (problems.length > 0) throw new JwtConfigurationError([...missing, ...problems].join('\n'));
    isDone = missing.length === 0;
    return next();
  };
}
