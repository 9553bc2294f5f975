import { KoaDriver } from 'routing-controllers';
import { JwtConfigurationError } from '../errors';

/**
 * Makes a server that routing-controllers cannot build say why. It loads @koa/router and koa-bodyparser by their names,
 * and reports a version that it cannot use as one that is not installed.
 */
export function nameMissingPackages(): void {
  explain(
    'loadRouter',
    'routing-controllers cannot load @koa/router: npm ls @koa/router shows whether it is installed, and it must not ' +
      'be 15.0.0, whose class routing-controllers does not find: npm install @koa/router@^15.1.0',
  );
  explain(
    'initialize',
    'routing-controllers needs the package koa-bodyparser, and @koa/bodyparser does not replace it: ' +
      'npm install koa-bodyparser',
    (error) => String(error).includes('koa-bodyparser'),
  );
}

type Step = 'loadRouter' | 'initialize';

/** `loadRouter` is private to the types of routing-controllers. */
const steps = KoaDriver.prototype as unknown as Record<Step, (this: KoaDriver) => void>;

function explain(step: Step, message: string, isMeant: (error: unknown) => boolean = () => true): void {
  const original = steps[step];
  steps[step] = function (this: KoaDriver) {
    try {
      original.call(this);
    } catch (cause) {
      throw isMeant(cause) ? new JwtConfigurationError(message, { cause }) : cause;
    }
  };
}
