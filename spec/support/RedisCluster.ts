import { setTimeout as sleep } from 'node:timers/promises';
import { RedisServer } from './RedisServer';
import { connectedClient } from './withRedisClient';

const SLOTS = 16_384;
const NODES = 3;

/** Three redis-servers on loopback that share the slots of a Redis Cluster, without replicas. */
export class RedisCluster {
  private constructor(private readonly nodes: readonly RedisServer[]) {}

  static async started(): Promise<RedisCluster> {
    const nodes = await Promise.all(
      Array.from({ length: NODES }, () => RedisServer.started({ isCluster: true })),
    );
    const cluster = new RedisCluster(nodes);
    try {
      await cluster.join();
    } catch (error) {
      await cluster.remove();
      throw error;
    }
    return cluster;
  }

  get urls(): string[] {
    return this.nodes.map(({ url }) => url);
  }

  async remove(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.remove()));
  }

  private async join(): Promise<void> {
    const clients = await Promise.all(this.nodes.map(({ url }) => connectedClient(url)));
    try {
      const [first, ...others] = this.nodes;
      for (const [i, client] of clients.entries()) {
        const from = Math.floor((i * SLOTS) / NODES);
        const to = Math.floor(((i + 1) * SLOTS) / NODES);
        const slots = Array.from({ length: to - from }, (_, slot) => String(from + slot));
        await client.sendCommand(['CLUSTER', 'ADDSLOTS', ...slots]);
        await client.sendCommand(['CLUSTER', 'SET-CONFIG-EPOCH', String(i + 1)]);
      }
      for (const { port } of others) {
        await clients[0]?.sendCommand(['CLUSTER', 'MEET', '127.0.0.1', String(port)]);
      }
      for (let attempt = 0; attempt < 200; attempt++) {
        const infos = await Promise.all(clients.map((client) => client.sendCommand(['CLUSTER', 'INFO'])));
        if (infos.every((info) => (info as unknown as string).includes('cluster_state:ok'))) return;
        await sleep(50);
      }
      throw new Error(`The Redis Cluster of port ${String(first?.port)} did not get ready`);
    } finally {
      for (const client of clients) client.destroy();
    }
  }
}
