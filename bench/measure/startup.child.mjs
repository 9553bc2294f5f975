import { createRequire } from 'node:module';
import { performance } from 'node:perf_hooks';
import { application } from '../scenarios/routingControllers.mjs';
import { answer } from './Child.mjs';
import { SECRET } from './tokens.mjs';

answer({
  /** Milliseconds to load the library after routing-controllers, and to declare and build a server. */
  start(library, actions, isGuarded) {
    const load = createRequire(library);
    load('reflect-metadata');
    const { Container } = load('typedi');
    // What routing-controllers loads with its first server does not count.
    load('routing-controllers').createKoaServer({ controllers: [] });
    const begin = performance.now();
    const jwt = isGuarded ? load(library) : undefined;
    const loaded = performance.now();
    if (jwt !== undefined) Container.set(jwt.JwtManager, new jwt.JwtManager({ secretKey: SECRET }));
    // Every application already has two actions.
    application(load, { guards: jwt === undefined ? [] : [jwt.JwtRequired()], routes: actions - 2 });
    return { loading: loaded - begin, building: performance.now() - loaded };
  },
});
