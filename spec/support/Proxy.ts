import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** An answer of the proxy itself. */
export interface Instead {
  readonly status?: number;
  readonly type?: string;
  readonly body?: string;
}

/** What a proxy does with a request before it passes it on. Undefined: nothing. */
export type Intervene = (seen: string) => Instead | undefined | Promise<Instead | undefined>;

/** Stands before a server and tells what passes: `POST /session/refresh 200`. */
export class Proxy {
  readonly seen: string[] = [];
  /** The bodies of the requests that were passed on. */
  readonly bodies: string[] = [];
  /** Asked before a request is passed on, which it can delay or answer. */
  before: Intervene = () => undefined;
  /** Asked before an answer is passed back, which it can delay. */
  after: (seen: string) => unknown = () => undefined;
  readonly #server: http.Server;

  private constructor(private readonly target: string) {
    this.#server = http.createServer((request, response) => {
      void this.#pass(request, response);
    });
  }

  static async before(target: string): Promise<Proxy> {
    const proxy = new Proxy(target);
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** How often something passed. */
  count(seen: string): number {
    return this.seen.filter((each) => each === seen).length;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  async #pass(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const { method = 'GET', url = '/', headers } = request;
    const body = await text(request);
    const instead = await this.before(`${method} ${url}`);
    if (instead !== undefined) {
      const { status = 200, type = 'application/json' } = instead;
      if (type === 'application/json') this.seen.push(`${method} ${url} ${status}`);
      response.writeHead(status, { 'content-type': type }).end(instead.body);
      return;
    }
    this.bodies.push(body);
    const passed = http.request(this.target + url, { method, headers, agent: false });
    passed.end(body);
    const [answer] = (await once(passed, 'response')) as [http.IncomingMessage];
    const answered = await text(answer);
    const seen = `${method} ${url} ${String(answer.statusCode)}`;
    await this.after(seen);
    this.seen.push(seen);
    response.writeHead(answer.statusCode ?? 500, answer.rawHeaders).end(answered);
  }
}
