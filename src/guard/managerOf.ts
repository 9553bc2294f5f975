import type { Context } from 'koa';
import { getFromContainer, type Action } from 'routing-controllers';
import type { Constructor } from '../config/Constructor';
import { JwtConfigurationError } from '../errors';
import { JwtManager } from '../JwtManager';
import { notesOf } from '../request/RequestNotes';
import { whyNoManager } from './whyNoManager';

/** The manager for a request, from the container that the application gave to `useContainer`. */
export function managerOf(action: Action, managerClass: Constructor = JwtManager): JwtManager {
  let found: unknown;
  try {
    found = getFromContainer(managerClass, action);
  } catch (cause) {
    // A container that chooses by request may know that there is nothing to choose: ctx.throw(404).
    if (cause instanceof Error && 'status' in cause) throw cause;
    throw new JwtConfigurationError(whyNoManager(managerClass, action, { threw: cause }), { cause });
  }
  // Of exactly this class, so that no other manager takes its place.
  if (found instanceof JwtManager && found instanceof managerClass) return found;
  throw new JwtConfigurationError(whyNoManager(managerClass, action, { gave: found }));
}

/** The manager that has let a request in. Before that: the one that would. */
export function admittingManager(action: Action): JwtManager {
  const { admittedBy, manager } = notesOf(action.context as Context);
  return admittedBy instanceof JwtManager ? admittedBy : managerOf(action, manager);
}

/** Throws JwtConfigurationError for a class that is no manager. */
export function assertManager(manager: Constructor | undefined): void {
  if (manager === undefined || manager === JwtManager || manager.prototype instanceof JwtManager) return;
  throw new JwtConfigurationError(
    `Option manager names ${manager.name}, which is no manager: class ${manager.name} extends JwtManager {}`,
  );
}
