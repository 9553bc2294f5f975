import { createRequire } from 'node:module';
import { performance } from 'node:perf_hooks';
import { application } from '../scenarios/routingControllers.mjs';
import { answer } from './Child.mjs';
import { SECRET } from './tokens.mjs';

answer({
  /**
   * Milliseconds to start a server: to load its framework, the library if it is guarded, and to declare and build it.
   */
  start(library, actions, isGuarded) {
    const load = createRequire(library);
    const begin = performance.now();
    load('reflect-metadata');
    const { Container } = load('typedi');
    // What routing-controllers loads with its first server is not part of building one.
    load('routing-controllers').createKoaServer({ controllers: [] });
    const framework = performance.now();
    const jwt = isGuarded ? load(library) : undefined;
    const loaded = performance.now();
    if (jwt !== undefined) Container.set(jwt.JwtManager, new jwt.JwtManager({ secretKey: SECRET }));
    // Every application already has two actions.
    application(load, { guards: jwt === undefined ? [] : [jwt.JwtRequired()], routes: actions - 2 });
    const built = performance.now();
    return { loading: loaded - framework, building: built - loaded, whole: built - begin };
  },
});
