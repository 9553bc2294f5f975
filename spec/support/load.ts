import http from 'node:http';
import { bearer, type Answer, type Server } from './Server';

/** How one request went. */
export interface Outcome {
  readonly name: string;
  readonly status: number;
  readonly retryAfter: string | undefined;
  readonly milliseconds: number;
}

/** Sends requests with each of these tokens until stopped: `workers` at a time for each. */
export class Load {
  private isOver = false;
  private readonly outcomes: Outcome[] = [];
  private readonly agent = new http.Agent({ keepAlive: true });
  private readonly running: Promise<void>;

  constructor(
    server: Server,
    tokens: Readonly<Record<string, string>>,
    { workers = 8, most = Infinity } = {},
  ) {
    const work = async (name: string, token: string): Promise<void> => {
      for (let sent = 0; !this.isOver && sent < most; sent++) {
        const start = performance.now();
        const { status, headers }: Answer = await server.send('/me', {
          headers: bearer(token),
          agent: this.agent,
        });
        const milliseconds = performance.now() - start;
        this.outcomes.push({ name, status, retryAfter: headers['retry-after'], milliseconds });
      }
    };
    this.running = Promise.all(
      Object.entries(tokens).flatMap(([name, token]) =>
        Array.from({ length: workers }, () => work(name, token)),
      ),
    ).then(() => undefined);
    // end() reports it; until then it must not be an unhandled rejection.
    this.running.catch(() => undefined);
  }

  async stop(): Promise<Outcome[]> {
    this.isOver = true;
    return this.end();
  }

  /** Waits until each worker has sent its requests. */
  async end(): Promise<Outcome[]> {
    try {
      await this.running;
      return this.outcomes;
    } finally {
      this.agent.destroy();
    }
  }
}
