import 'reflect-metadata';
import type { AddressInfo } from 'node:net';
import { JwtConfig } from 'routing-controllers-jwt-extended';
import { createApp } from './app';
import { developmentSecret } from './developmentSecret';
import { instructions } from './instructions';

async function main(): Promise<void> {
  const options = JwtConfig.fromEnv();
  const app = await createApp({ ...options, secretKey: options.secretKey ?? developmentSecret() });
  const server = app.listen(Number(process.env['PORT'] ?? 3000), '127.0.0.1', () => {
    const { port } = server.address() as AddressInfo;
    console.log(instructions(`http://127.0.0.1:${port}`));
  });
}

void main();
