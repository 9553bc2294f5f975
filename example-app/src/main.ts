import 'reflect-metadata';
import type { AddressInfo } from 'node:net';
import { JwtConfig, MemoryRevocationStore } from 'routing-controllers-jwt-extended';
import { RedisRevocationStore } from 'routing-controllers-jwt-extended/redis';
import { createApp } from './createApp';
import { dataSource } from './database/dataSource';
import { developmentSecret } from './developmentSecret';
import { connectRedis } from './session/connectRedis';
import { welcome } from './welcome';

async function main(): Promise<void> {
  const options = JwtConfig.fromEnv();
  await dataSource.initialize();
  const { REDIS_URL: redisUrl } = process.env;
  const redis = redisUrl ? await connectRedis(redisUrl) : undefined;
  const revocationStore = redis ? new RedisRevocationStore(redis) : new MemoryRevocationStore();
  const secretKey = options.secretKey ?? developmentSecret();
  const app = createApp({ ...options, secretKey, revocationStore }, dataSource);
  const server = app.listen(Number(process.env['PORT'] ?? 3000), '127.0.0.1', () => {
    const { port } = server.address() as AddressInfo;
    // By this name, because browsers accept Secure cookies without TLS from localhost only.
    console.log(welcome(`http://localhost:${port}`));
  });
  server.on('error', fail);
  for (const signal of ['SIGINT', 'SIGTERM']) {
    process.once(signal, () =>
      server.close(() => {
        redis?.destroy();
        void dataSource.destroy();
      }),
    );
  }
}

/** Says what happened, in one line. */
function fail(error: Error & { code?: string; port?: number }): never {
  const isBusy = error.code === 'EADDRINUSE';
  const remedy = 'stop the program that listens there, or choose another: PORT=3001 npm start';
  console.error(isBusy ? `Port ${error.port} is in use: ${remedy}` : error.message);
  process.exit(1);
}

main().catch(fail);
