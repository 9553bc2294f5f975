import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import Koa, { type Context } from 'koa';

/** The context of a request without credentials, as answer loaders would get it. Nobody waits for its response. */
export function sampleContext(verb: string, path: string): Context {
  const request = new IncomingMessage(new Socket());
  request.method = verb;
  request.url = path;
  request.headers = { host: 'localhost' };
  request.rawHeaders = ['Host', 'localhost'];
  const app = new Koa();
  // An outage that is only a sample is not for the log.
  app.on('error', () => undefined);
  return app.createContext(request, new ServerResponse(request));
}
