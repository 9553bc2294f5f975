import path from 'node:path';
import Koa from 'koa';
import serve from 'koa-static';
import { useContainer, useKoaServer } from 'routing-controllers';
import { JwtManager, type JwtOptions } from 'routing-controllers-jwt-extended';
import { Container } from 'typedi';
import { DataSource } from 'typeorm';
import { isDemonstration } from './demonstration/isDemonstration';
import { serveDocs } from './demonstration/serveDocs';
import { tellTheWire } from './demonstration/tellTheWire';
import { CurrentUserLoader } from './loaders/CurrentUserLoader';
import { ExpiredAnswer } from './loaders/ExpiredAnswer';
import { NotFreshAnswer } from './loaders/NotFreshAnswer';
import { ReuseWarning } from './loaders/ReuseWarning';
import { RolesLoader } from './loaders/RolesLoader';
import { UserIdLoader } from './loaders/UserIdLoader';
import { SERVER_OPTIONS } from './serverOptions';
import { answerErrors } from './web/answerErrors';
import { securityHeaders } from './web/securityHeaders';
import { serveApi } from './web/serveApi';

const LOADERS = [CurrentUserLoader, ExpiredAnswer, NotFreshAnswer, ReuseWarning, RolesLoader, UserIdLoader];

/** The whole application, not yet listening. */
export function createApp(options: JwtOptions, database: DataSource): Koa {
  useContainer(Container);
  Container.set(DataSource, database);
  Container.set(
    JwtManager,
    new JwtManager({
      ...options,
      tokenLocation: ['headers', 'cookies'],
      refreshCookiePath: '/session',
      loaders: LOADERS,
      throwRefusals: true,
    }),
  );
  const app = new Koa();
  app.on('error', (error: NodeJS.ErrnoException) => {
    // A client that closes its connection after the last byte of a file, as curl does, is no news.
    if (error.code !== 'ERR_STREAM_PREMATURE_CLOSE') app.onerror(error);
  });
  app.use(securityHeaders);
  if (isDemonstration) app.use(tellTheWire).use(serveDocs);
  app.use(answerErrors);
  app.use(serveApi);
  app.use(serve(path.join(__dirname, '../public')));
  return useKoaServer(app, SERVER_OPTIONS);
}
