import type { Context } from 'koa';
import { getFromContainer, HttpError, type Action } from 'routing-controllers';
import type { Constructor } from '../config/Constructor';
import { JwtConfigurationError } from '../errors';
import { JwtManager } from '../JwtManager';
import { noteHttpError } from '../loader/httpErrors';
import { notesOf } from '../request/RequestNotes';

/** The manager for a request, from the container that the application gave to `useContainer`. */
export function managerOf(action: Action, managerClass: Constructor = JwtManager): JwtManager {
  let found: unknown;
  try {
    found = getFromContainer(managerClass, action);
  } catch (cause) {
    // A container that chooses by request may know that there is nothing to choose: ctx.throw(404), NotFoundError.
    if (cause instanceof HttpError) throw noteHttpError(cause);
    if (cause instanceof Error && 'status' in cause) throw cause;
    throw new JwtConfigurationError(howToProvide(managerClass), { cause });
  }
  // Of exactly this class, so that no other manager takes its place.
  if (found instanceof JwtManager && found instanceof managerClass) return found;
  throw new JwtConfigurationError(
    `${howToProvide(managerClass)}. If you did, two copies of this package are installed: npm ls shows them`,
  );
}

/** The manager that has let a request in. Before that: the one that would. */
export function admittingManager(action: Action): JwtManager {
  const { admission, manager } = notesOf(action.context as Context);
  return admission?.by instanceof JwtManager ? admission.by : managerOf(action, manager);
}

/** Throws JwtConfigurationError for a class that is no manager. */
export function assertManager(manager: Constructor | undefined): void {
  if (manager === undefined || manager === JwtManager || manager.prototype instanceof JwtManager) return;
  throw new JwtConfigurationError(
    `Option manager names ${manager.name}, which is no manager: class ${manager.name} extends JwtManager {}`,
  );
}

function howToProvide({ name }: Constructor): string {
  return (
    `The container has no ${name}: call useContainer(Container) of routing-controllers and ` +
    `Container.set(${name}, new ${name}({ … })) before the first request`
  );
}
