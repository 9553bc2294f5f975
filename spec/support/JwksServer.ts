import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';

export type Misbehaviour = (response: http.ServerResponse, url: string) => void;

/** Another issuer that publishes keys: a real server on loopback that records requests. */
export class JwksServer {
  /** The requested paths, in order. */
  readonly asked: string[] = [];
  /** What it publishes; a string or Buffer is sent as is. */
  set: unknown;
  /** What it does instead of answering. */
  misbehaviour: Misbehaviour | undefined;
  /** Added or changed members of its metadata. */
  metadata: Readonly<Record<string, unknown>> = {};
  /** The path of its metadata; also the end of its name. */
  path = '';
  #server: http.Server | undefined;
  #port = 0;

  /** Starts one with these keys. */
  static async of(...keys: readonly unknown[]): Promise<JwksServer> {
    const server = new JwksServer();
    server.publish(...keys);
    await server.start();
    return server;
  }

  get origin(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** Its name in `iss`. */
  get issuer(): string {
    return this.origin + this.path;
  }

  get jwksUri(): string {
    return `${this.origin}/jwks`;
  }

  /** How often its keys were fetched. */
  get fetches(): number {
    return this.asked.filter((url) => url === '/jwks').length;
  }

  publish(...keys: readonly unknown[]): void {
    this.set = { keys };
  }

  /** Reuses the previous port, if any. */
  async start(): Promise<void> {
    this.#server = http.createServer((request, response) => {
      const url = String(request.url);
      this.asked.push(url);
      if (this.misbehaviour !== undefined) this.misbehaviour(response, url);
      else this.#answer(response, url);
    });
    this.#server.listen(this.#port, '127.0.0.1');
    await once(this.#server, 'listening');
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    const server = this.#server;
    if (server === undefined) return;
    this.#server = undefined;
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  }

  #answer(response: http.ServerResponse, url: string): void {
    const metadata = { issuer: this.issuer, jwks_uri: this.jwksUri, ...this.metadata };
    if (url === '/jwks') send(response, this.set);
    else if (url === `${this.path.replace(/\/$/, '')}/.well-known/openid-configuration`)
      send(response, metadata);
    else response.writeHead(404).end();
  }
}

/** Ways to fail. */
export const MISBEHAVIOURS: Readonly<Record<string, Misbehaviour>> = {
  'never answers': () => undefined,
  'sends its headers and nothing else': (response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).flushHeaders();
  },
  drips: (response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    const drip = setInterval(() => response.write(' '), 10);
    response.on('close', () => {
      clearInterval(drip);
    });
  },
  'hangs up': (response) => {
    response.destroy();
  },
  'hangs up half-way': (response) => {
    response.writeHead(200, { 'content-length': 1000 });
    response.write('{"keys":[', () => response.destroy());
  },
  'answers 500': (response) => {
    response.writeHead(500).end('{"keys":[]}');
  },
  'answers 404': (response) => {
    response.writeHead(404).end();
  },
  'answers with a page': (response) => {
    response.end('<!doctype html><title>Sign in</title>');
  },
  'answers with nothing': (response) => {
    response.end();
  },
};

function send(response: http.ServerResponse, body: unknown): void {
  response.setHeader('content-type', 'application/json');
  response.end(typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body));
}
