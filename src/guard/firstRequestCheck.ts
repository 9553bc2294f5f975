import type Koa from 'koa';
import type { Context } from 'koa';
import { JwtConfigurationError } from '../errors';
import { notesOf } from '../request/RequestNotes';
import { setupOf } from './setup';
import type { ServerBuild } from './ServerBuild';

type HandleRequest = (ctx: Context, serve: Serve) => unknown;
type Serve = (ctx: Context) => Promise<unknown>;

/**
 * For development: refuses requests while the container cannot make what the server needs. Only a request can tell,
 * because the container may be filled after the server was built. A manager that is missing is an error of the guard
 * that needs it: other requests may have one. Once all is well, Koa handles requests as if this had never been there.
 */
export function firstRequestCheck(app: Koa, build: ServerBuild): void {
  const handles = app as unknown as { handleRequest: HandleRequest };
  const { handleRequest } = handles;
  handles.handleRequest = function (this: unknown, ctx, serve) {
    const checked: Serve = async (each) => {
      const { missing, problems } = setupOf(build, notesOf(each).action);
      if (problems.length > 0) throw new JwtConfigurationError([...missing, ...problems].join('\n'));
      if (missing.length === 0) handles.handleRequest = handleRequest;
      return serve(each);
    };
    return handleRequest.call(this, ctx, checked);
  };
}
