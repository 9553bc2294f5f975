import 'reflect-metadata';
import type { AddressInfo } from 'node:net';
import { JwtConfig } from 'routing-controllers-jwt-extended';
import { createApp } from './createApp';
import { dataSource } from './database/dataSource';
import { developmentSecret } from './developmentSecret';
import { instructions } from './instructions';

async function main(): Promise<void> {
  const options = JwtConfig.fromEnv();
  await dataSource.initialize();
  const app = createApp({ ...options, secretKey: options.secretKey ?? developmentSecret() }, dataSource);
  const server = app.listen(Number(process.env['PORT'] ?? 3000), '127.0.0.1', () => {
    const { port } = server.address() as AddressInfo;
    // By this name, for browsers take Secure cookies without TLS from localhost only.
    console.log(instructions(`http://localhost:${port}`));
  });
  for (const signal of ['SIGINT', 'SIGTERM']) {
    process.once(signal, () => server.close(() => void dataSource.destroy()));
  }
}

void main();
