import { connect, createServer, type Server, type Socket } from 'node:net';
import { once } from 'node:events';

/** The network between one process and Redis, which can be cut, fall silent, and lead elsewhere. */
export class Link {
  readonly #sockets = new Set<Socket>();
  #isSilent = false;

  private constructor(
    private readonly server: Server,
    private target: number,
  ) {
    server.on('connection', (near) => {
      this.#join(near);
    });
  }

  static async to(target: number): Promise<Link> {
    const server = createServer({ pauseOnConnect: true });
    const link = new Link(server, target);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return link;
  }

  get port(): number {
    return (this.server.address() as { port: number }).port;
  }

  /** From now on leads there. What is connected elsewhere is cut. */
  leadTo(target: number): void {
    this.target = target;
    this.cut();
  }

  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  /** As when a cable is pulled: connections stay, and nothing comes through. */
  silence(): void {
    this.#isSilent = true;
    for (const socket of this.#sockets) socket.pause();
  }

  resume(): void {
    this.#isSilent = false;
    for (const socket of this.#sockets) socket.resume();
  }

  close(): void {
    this.server.close();
    this.cut();
  }

  #join(near: Socket): void {
    const far = connect(this.target, '127.0.0.1');
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      this.#sockets.add(from);
      from.on('error', () => undefined);
      from.on('close', () => {
        this.#sockets.delete(from);
        to.destroy();
      });
      from.on('data', (chunk) => void to.write(chunk));
    }
    if (this.#isSilent) for (const socket of [near, far]) socket.pause();
    else near.resume();
  }
}
