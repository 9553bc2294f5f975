/** One process of the application under load. Its run starts it with a Setting, and talks to it by messages. */
import 'reflect-metadata';
import type { Server } from 'node:http';
import type Koa from 'koa';
import { createKoaServer, useContainer } from 'routing-controllers';
import { Container } from 'typedi';
import { currentUserChecker, JwtManager } from '../../src/index';
import { JwtClock } from '../../src/testing/JwtClock';
import { LoadUser } from './LoadUser';
import { PartnerJwtManager, partnerManager, userManager } from './managers';
import type { Command, Report, Setting } from './messages';
import { PartnerController } from './PartnerController';
import { planted } from './planted';
import { UserController } from './UserController';

const setting = JSON.parse(process.argv[2] ?? '{}') as Setting;
const clock = new JwtClock();
let lead = 0;

function tell(report: Report): void {
  process.send?.(report);
}

function wrong(kind: string, error: unknown): void {
  tell({
    kind: 'wrong',
    what: `${kind}: ${error instanceof Error ? (error.stack ?? '').split('\n').slice(0, 4).join(' ') : String(error)}`,
  });
}

process.on('unhandledRejection', (error) => {
  wrong('unhandled rejection', error);
});
process.on('uncaughtException', (error) => {
  wrong('uncaught exception', error);
});
process.on('warning', (warning) => {
  wrong('warning', warning);
});
process.on('disconnect', () => process.exit());

/** What the library reports while the store is down, and what the user loader throws. */
const EXPECTED_ERRORS = /^(A token could not be (checked|used up)|The database is down)$/;

async function start(): Promise<void> {
  useContainer(Container);
  Container.set(JwtManager, await userManager(setting));
  Container.set(PartnerJwtManager, await partnerManager(setting));
  const app = createKoaServer({
    controllers: [UserController, PartnerController],
    currentUserChecker,
    development: false,
  }) as Koa;
  app.on('error', (error: Error & { code?: string }) => {
    // A client that goes away ends its request.
    if (EXPECTED_ERRORS.test(error.message) || /^(ECONNRESET|EPIPE)$/.test(error.code ?? '')) return;
    wrong('error of the application', error);
  });
  const server: Server = app.listen(setting.port, '127.0.0.1', () => {
    tell({ kind: 'listening' });
  });
  server.keepAliveTimeout = 60_000;
}

function obey(command: Command): void {
  if (command.kind === 'clock') {
    clock.advance(command.seconds - lead);
    lead = command.seconds;
  } else if (command.kind === 'loader') Container.get(LoadUser).mood = command.mood;
  else if (command.kind === 'plant') planted(command.plant);
  else {
    globalThis.gc?.();
    const { heapUsed } = process.memoryUsage();
    tell({ kind: 'measured', heapBytes: heapUsed, handles: process.getActiveResourcesInfo().length });
  }
}

process.on('message', obey);
start().catch((error: unknown) => {
  wrong('start', error);
  process.exitCode = 1;
});
