import type { Context } from 'koa';
import { getFromContainer, HttpError, type Action } from 'routing-controllers';
import type { Constructor } from '../config/Constructor';
import { JwtConfigurationError } from '../errors';
import { isManager, JwtManager, managerClasses } from '../JwtManager';
import { noteHttpError } from '../loader/httpErrors';
import { isOrdinaryInstance } from '../registry/registry';
import { notesOf } from '../request/RequestNotes';
import { whyNoManager } from './whyNoManager';

/** The manager for a request, from the container that the application gave to `useContainer`. */
export function managerOf(action: Action | undefined, managerClass?: Constructor): JwtManager {
  // JwtManager itself may be the one of another copy of this package.
  if (managerClass === undefined || isManagerClass(managerClass)) return defaultManager(action);
  const found = foundIn(action, managerClass);
  // Of exactly this class, so that no other manager takes its place.
  if (isManager(found.manager) && isOrdinaryInstance(managerClass, found.manager)) return found.manager;
  throw noManager(managerClass, action, found);
}

/** The manager that the container has for JwtManager, of whichever copy of this package. */
function defaultManager(action: Action | undefined): JwtManager {
  let manager: JwtManager | undefined;
  let failed: Found | undefined;
  for (const managerClass of managerClasses.values()) {
    const found = foundIn(action, managerClass);
    failed ??= found;
    if (!isManager(found.manager) || found.manager === manager) continue;
    if (manager === undefined) manager = found.manager;
    else
      throw new JwtConfigurationError(
        'Two copies of this package are installed, and the container has a JwtManager of each: npm ls shows them. ' +
          'Keep one, or name the manager: @JwtRequired({ manager: … })',
      );
  }
  if (manager !== undefined) return manager;
  throw noManager(JwtManager, action, failed ?? {});
}

function foundIn(action: Action | undefined, managerClass: Constructor): Found {
  try {
    return { manager: getFromContainer(managerClass, action) };
  } catch (cause) {
    // A container that chooses by request may know that there is nothing to choose: ctx.throw(404), NotFoundError.
    if (cause instanceof HttpError) throw noteHttpError(cause);
    if (cause instanceof Error && 'status' in cause) throw cause;
    return { cause };
  }
}

/** What a container gave for a manager, or threw. */
interface Found {
  readonly manager?: unknown;
  readonly cause?: unknown;
}

/** The manager that has let a request in. Before that: the one that would. */
export function admittingManager(action: Action): JwtManager {
  const { admission, manager } = notesOf(action.context as Context);
  return isManager(admission?.by) ? admission.by : managerOf(action, manager);
}

/** Throws JwtConfigurationError for a class that is no manager. */
export function assertManager(manager: Constructor | undefined): void {
  if (manager === undefined || isManagerClass(manager) || isManager(manager.prototype)) return;
  throw new JwtConfigurationError(
    `Option manager names ${manager.name}, which is no manager: class ${manager.name} extends JwtManager {}`,
  );
}

/** Whether a class is JwtManager, and not one that extends it. */
function isManagerClass(candidate: Constructor): boolean {
  return isManager(candidate.prototype) && !isManager(Object.getPrototypeOf(candidate.prototype));
}

function noManager(
  managerClass: Constructor,
  action: Action | undefined,
  found: Found,
): JwtConfigurationError {
  const { cause } = found;
  const outcome = cause === undefined ? { gave: found.manager } : { threw: cause };
  return new JwtConfigurationError(whyNoManager(managerClass, action, outcome), { cause });
}
