import http from 'node:http';
import type { Process } from './Process';

/** Milliseconds that a client waits. */
export const CLIENT_PATIENCE = 3000;

export interface Asked {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly headers?: Record<string, string>;
  readonly body?: object;
}

export interface Answer {
  readonly process: Process;
  /** When the request was sent, and when its answer was complete. */
  readonly from: number;
  readonly to: number;
  /** Undefined: no answer came. */
  readonly status: number | undefined;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: Record<string, unknown>;
  /** Why no answer came. */
  readonly error?: string;
}

/** Sends requests over connections that it keeps, with one pool for each process. */
export class Client {
  readonly #agents = new Map<Process, http.Agent>();

  ask(process: Process, asked: Asked): Promise<Answer> {
    const from = performance.now();
    return new Promise((resolve) => {
      const fail = (error: Error): void => {
        const to = performance.now();
        resolve({ process, from, to, status: undefined, headers: {}, body: {}, error: error.message });
      };
      const request = this.#request(process, asked, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', fail);
        response.on('end', () => {
          const { statusCode: status, headers } = response;
          const to = performance.now();
          resolve({ process, from, to, status, headers, body: parsed(Buffer.concat(chunks).toString()) });
        });
      });
      request.setTimeout(CLIENT_PATIENCE, () => request.destroy(new Error('No answer in time')));
      request.on('error', fail);
      request.end(asked.body === undefined ? undefined : JSON.stringify(asked.body));
    });
  }

  /** Sends a request and goes away. */
  abandon(process: Process, asked: Asked): void {
    const request = this.#request(process, asked, (response) => response.destroy());
    request.on('error', () => undefined);
    request.end(asked.body === undefined ? undefined : JSON.stringify(asked.body));
    setTimeout(() => request.destroy(), 2);
  }

  /** Cuts all connections to a process. */
  cut(process: Process): void {
    this.#agents.get(process)?.destroy();
    this.#agents.delete(process);
  }

  #request(
    process: Process,
    { method, path, headers = {}, body }: Asked,
    heard: (response: http.IncomingMessage) => void,
  ): http.ClientRequest {
    let agent = this.#agents.get(process);
    if (agent === undefined)
      this.#agents.set(process, (agent = new http.Agent({ keepAlive: true, maxSockets: 64 })));
    const json = body === undefined ? {} : { 'Content-Type': 'application/json' };
    return http.request(
      { host: '127.0.0.1', port: process.port, agent, method, path, headers: { ...json, ...headers } },
      heard,
    );
  }
}

function parsed(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return { text };
  }
}
