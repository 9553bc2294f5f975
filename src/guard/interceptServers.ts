import type Koa from 'koa';
import { KoaDriver } from 'routing-controllers';
import { JwtConfigurationError } from '../errors';
import { shared } from '../registry/registry';
import { firstRequestCheck } from './firstRequestCheck';
import { interceptAnswers } from './interceptAnswers';
import { interceptBodyParser } from './interceptBodyParser';
import { inspect, interceptStorage } from './interceptStorage';
import { nameMissingPackages } from './nameMissingPackages';
import { finishBuild, startBuild } from './ServerBuild';

const intercepted = shared('drivers', () => new WeakSet());

/**
 * Watches the servers that routing-controllers builds. Each decorator calls this function, so that nobody can forget a
 * set-up call. When a server is started to be built, its metadata storage is intercepted, even one that was made a moment
 * ago. When it is complete, everything that is wrong with it is one error.
 */
export function interceptServers(): void {
  interceptStorage();
  interceptBodyParser();
  interceptAnswers();
  if (intercepted.has(KoaDriver.prototype)) return;
  intercepted.add(KoaDriver.prototype);
  nameMissingPackages();
  // eslint-disable-next-line @typescript-eslint/unbound-method -- called with their driver below
  const { initialize, registerRoutes } = KoaDriver.prototype;
  const ofServer = new WeakMap<KoaDriver, { readonly own: number; readonly all: number }>();

  KoaDriver.prototype.initialize = function (this: KoaDriver) {
    interceptStorage();
    startBuild();
    const { middleware } = this.koa as { middleware: unknown[] };
    const own = middleware.length;
    initialize.call(this);
    ofServer.set(this, { own, all: middleware.length });
  };

  KoaDriver.prototype.registerRoutes = function (this: KoaDriver) {
    const build = finishBuild();
    if (build !== undefined) {
      const koa = this.koa as Parameters<typeof inspect>[1]['koa'] & { use(middleware: unknown): unknown };
      const { own, all } = ofServer.get(this) ?? { own: 0, all: 0 };
      const { authorizationChecker } = this;
      const hasGlobalMiddleware = own > 0 || koa.middleware.length > all;
      inspect(build, { koa, authorizationChecker, hasGlobalMiddleware });
      const problems = [...build.errors, ...(this.developmentMode ? build.misuses : [])];
      if (problems.length > 0) throw new JwtConfigurationError(problems.join('\n'));
      if (this.developmentMode) firstRequestCheck(this.koa as Koa, build);
    }
    registerRoutes.call(this);
  };
}
