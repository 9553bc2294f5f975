import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { JwtManager, type RevocationStore } from '../../../src/index';
import { revocationStoreContract } from '../../../src/testing/index';
import { RedisCluster } from '../../support/RedisCluster';
import { describeWithRedisServer, RedisServer } from '../../support/RedisServer';
import { ROOT } from '../../support/root';
import { SECRET } from '../../support/secret';
import { StoreGate } from '../../support/StoreGate';

const FOLDER = path.join(ROOT, 'build/glide');

interface Documented {
  readonly client: { close(): void };
  readonly revocationStore: RevocationStore;
}

/** Runs the lines of docs/ending-sessions.md, inside the package so that they find it by its name. */
async function documented(
  port: number,
  change: (lines: string) => string = (lines) => lines,
): Promise<Documented> {
  const page = readFileSync(path.join(ROOT, 'docs/ending-sessions.md'), 'utf8');
  const [, lines = ''] = /```js\n(\/\/ glide\.mjs\n[^]*?)```/.exec(page) ?? [];
  mkdirSync(FOLDER, { recursive: true });
  const file = path.join(FOLDER, `glide-${port}.mjs`);
  writeFileSync(file, change(lines));
  process.env['VALKEY'] = `127.0.0.1:${port}`;
  return (await import(file)) as Documented;
}

describeWithRedisServer('RedisRevocationStore with Valkey GLIDE, as documented', () => {
  let redis: RedisServer;
  let glide: Documented;

  before(async () => {
    redis = await RedisServer.started();
    glide = await documented(redis.port);
  });
  after(async () => {
    glide.client.close();
    delete process.env['VALKEY'];
    await redis.remove();
    rmSync(FOLDER, { recursive: true });
  });

  for (const { title, run } of revocationStoreContract(() => glide.revocationStore)) it(title, run);

  it('ends a session for every process that asks the same server', async () => {
    const gate = await StoreGate.of({ revocationStore: glide.revocationStore });
    const { accessToken } = await gate.manager.createTokenPair('alice');
    expect((await gate.me(accessToken)).status).to.equal(200);
    const other = new JwtManager({ secretKey: SECRET, revocationStore: glide.revocationStore, loaders: [] });
    await other.revokeAll('alice');
    expect((await gate.me(accessToken)).status).to.equal(401);
    await gate.close();
  });

  it('lets nobody in while the server is down', async () => {
    const gate = await StoreGate.of({ revocationStore: glide.revocationStore });
    const { accessToken } = await gate.manager.createTokenPair('bob');
    redis.pause();
    expect((await gate.me(accessToken)).status).to.equal(503);
    redis.resume();
    await gate.close();
  });
});

describeWithRedisServer('RedisRevocationStore with the cluster client of Valkey GLIDE', () => {
  let cluster: RedisCluster;
  let glide: Documented;

  before(async function () {
    this.timeout(60_000);
    cluster = await RedisCluster.started();
    glide = await documented(Number(new URL(String(cluster.urls[0])).port), (lines) =>
      lines.replaceAll('GlideClient', 'GlideClusterClient'),
    );
  });
  after(async () => {
    glide.client.close();
    delete process.env['VALKEY'];
    await cluster.remove();
  });

  for (const { title, run } of revocationStoreContract(() => glide.revocationStore)) it(title, run);
});
