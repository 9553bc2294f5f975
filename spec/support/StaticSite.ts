import { once } from 'node:events';
import { createReadStream, statSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';

const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.json': 'application/json',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
};

/** A folder of files on loopback, as any host of static pages serves it. */
export class StaticSite {
  private constructor(private readonly server: http.Server) {}

  static async of(folder: string): Promise<StaticSite> {
    const server = http.createServer((request, answer) => {
      const { pathname } = new URL(request.url ?? '/', 'http://localhost');
      // The URL has no `..` any more.
      const wanted = path.join(folder, decodeURIComponent(pathname));
      const file = pathname.endsWith('/') ? path.join(wanted, 'index.html') : wanted;
      if (statSync(file, { throwIfNoEntry: false })?.isFile() !== true) {
        answer.writeHead(404).end();
        return;
      }
      answer.writeHead(200, { 'Content-Type': TYPES[path.extname(file)] ?? 'application/octet-stream' });
      createReadStream(file).pipe(answer);
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    return new StaticSite(server);
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }
}
