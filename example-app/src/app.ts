import type Koa from 'koa';
import { createKoaServer, useContainer } from 'routing-controllers';
import {
  authorizationChecker,
  currentUserChecker,
  JwtManager,
  type JwtOptions,
} from 'routing-controllers-jwt-extended';
import { Container } from 'typedi';
import { AccountController } from './controllers/AccountController';
import { AdminController } from './controllers/AdminController';
import { GreetingController } from './controllers/GreetingController';
import { SessionController } from './controllers/SessionController';
import { CurrentUserLoader } from './loaders/CurrentUserLoader';
import { LoggedOutLoader } from './loaders/LoggedOutLoader';
import { RolesLoader } from './loaders/RolesLoader';
import { Accounts } from './users/Accounts';
import { demoUsers } from './users/demoUsers';

/** The whole application, not yet listening anywhere. */
export async function createApp(options: JwtOptions): Promise<Koa> {
  useContainer(Container);
  Container.set(
    JwtManager,
    new JwtManager({ ...options, loaders: [CurrentUserLoader, LoggedOutLoader, RolesLoader] }),
  );
  const accounts = Container.get(Accounts);
  for (const { name, password, roles } of demoUsers) await accounts.open(name, password, roles);
  return createKoaServer({
    controllers: [SessionController, AccountController, GreetingController, AdminController],
    currentUserChecker,
    authorizationChecker,
    // Else routing-controllers sends stack traces to clients, and passwords that fail validation.
    development: false,
    validation: { validationError: { target: false, value: false } },
  }) as Koa;
}
