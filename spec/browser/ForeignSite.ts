import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';

/** A server with a page that posts a form to another server as soon as it opens. */
export class ForeignSite {
  private constructor(
    private readonly server: http.Server,
    readonly port: number,
  ) {}

  static async start(): Promise<ForeignSite> {
    const server = http.createServer((request, response) => {
      const { searchParams } = new URL(request.url ?? '/', 'http://localhost');
      const action = searchParams.get('action');
      searchParams.delete('action');
      const fields = [...searchParams].map(([name, value]) => `<input name="${name}" value="${value}">`);
      const form = `<form method="post" action="${String(action)}">${fields.join('')}</form>`;
      const script = action === null ? '' : '<script>document.forms[0].submit()</script>';
      response.setHeader('Content-Type', 'text/html');
      response.end(`<!doctype html><title>Foreign</title>${form}${script}`);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new ForeignSite(server, (server.address() as AddressInfo).port);
  }

  /** Not the site of localhost: its requests are cross-site. */
  get url(): string {
    return `http://127.0.0.1:${this.port}/`;
  }

  /** The same site, because sites have no ports: its requests carry cookies. */
  get neighbourUrl(): string {
    return `http://localhost:${this.port}/`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }
}
