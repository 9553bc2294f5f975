import type { Context } from 'koa';
import { getFromContainer, type Action } from 'routing-controllers';
import type { Constructor } from '../config/OptionTable';
import { JwtConfigurationError } from '../errors';
import { JwtManager } from '../JwtManager';
import { admittedBy, namedBy } from '../request/admittedBy';

/** The manager for a request, from whichever container the application gave to `useContainer`. */
export function getJwtManager(action: Action, managerClass: Constructor = JwtManager): JwtManager {
  let found: unknown;
  try {
    found = getFromContainer(managerClass, action);
  } catch (cause) {
    // A container that chooses by request may know that there is nothing to choose: ctx.throw(404).
    if (cause instanceof Error && 'status' in cause) throw cause;
    throw new JwtConfigurationError(howToProvide(managerClass), { cause });
  }
  // Of the very class that was asked for, so that no other manager answers in its place.
  if (found instanceof JwtManager && found instanceof managerClass) return found;
  throw new JwtConfigurationError(
    `${howToProvide(managerClass)}. If you did, two copies of this package are installed: npm ls shows them`,
  );
}

/** The manager that has let a request in, or else the one that would. */
export function getAdmittingManager(action: Action): JwtManager {
  const ctx = action.context as Context;
  const manager = admittedBy.get(ctx);
  return manager instanceof JwtManager ? manager : getJwtManager(action, namedBy.get(ctx));
}

function howToProvide({ name }: Constructor): string {
  return (
    `The container has no ${name}: call useContainer(Container) of routing-controllers and ` +
    `Container.set(${name}, new ${name}({ … })) before the first request`
  );
}
