import 'reflect-metadata';
import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import type Koa from 'koa';
import { createKoaServer, useContainer, type RoutingControllersOptions } from 'routing-controllers';
import { Container } from 'typedi';
import { JwtManager } from '../../src/index';

export interface Answer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly text: string;
  /** The parsed body, or undefined if it is not JSON. */
  readonly json: unknown;
}

export interface Sent {
  readonly method?: string;
  readonly headers?: http.OutgoingHttpHeaders | readonly string[];
  readonly body?: string;
  /** Default: a new connection. */
  readonly agent?: http.Agent;
}

/** A real HTTP server on a free port of loopback. */
export class Server {
  private constructor(
    private readonly server: http.Server,
    readonly port: number,
    /** What reached Koa's error event, kept off the console. */
    readonly errors: readonly Error[],
  ) {}

  static async of(app: Koa): Promise<Server> {
    const errors: Error[] = [];
    app.on('error', (error: Error) => errors.push(error));
    const server = http.createServer(app.callback() as http.RequestListener);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new Server(server, (server.address() as AddressInfo).port, errors);
  }

  get(path: string, token?: string): Promise<Answer> {
    return this.send(path, { headers: bearer(token) });
  }

  /** Headers in a flat list of names and values are sent as is, even duplicates. */
  async send(path: string, { method = 'GET', headers = {}, body, agent }: Sent = {}): Promise<Answer> {
    const { port } = this;
    const request = http.request({ host: '127.0.0.1', port, path, method, headers, agent: agent ?? false });
    request.end(body);
    const [response] = (await once(request, 'response')) as [http.IncomingMessage];
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString();
    return { status: response.statusCode ?? 0, headers: response.headers, text, json: parsed(text) };
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }
}

export function bearer(token?: string): http.OutgoingHttpHeaders {
  return token === undefined ? {} : { authorization: `Bearer ${token}` };
}

/** Serves controllers with a manager from TypeDI. Keeps Koa's errors off the console. */
export function serve(
  manager: JwtManager,
  options: RoutingControllersOptions,
  extend: (app: Koa) => unknown = () => undefined,
): Promise<Server> {
  provide(manager);
  const app = createKoaServer(options) as Koa;
  app.silent = true;
  extend(app);
  return Server.of(app);
}

/** Puts a manager where routing-controllers looks for it. */
export function provide(manager: JwtManager): void {
  useContainer(Container);
  Container.set(JwtManager, manager);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
