import type { Constructor } from '../config/Constructor';
import { shared } from '../registry/registry';
import type { JwtLoader, LoaderEvent } from './LoaderEvents';

export type LoaderClass<Event extends LoaderEvent = LoaderEvent> = Constructor<JwtLoader<Event>>;

const registered = shared('loaders', () => new Map<LoaderEvent, readonly LoaderClass[]>());
const events = shared('events of loaders', () => new WeakMap<object, LoaderEvent[]>());

/** The classes that a decorator made loaders, by event. Managers read it at each question. */
export const registeredLoaders: ReadonlyMap<LoaderEvent, readonly LoaderClass[]> = registered;

/**
 * Makes a class a loader of an event. It takes the place of the same class of an earlier load: a test runner or a
 * development server that loads a file again would otherwise end up with two.
 */
export function registerLoader<Event extends LoaderEvent>(event: Event, loader: LoaderClass<Event>): void {
  const others = (registered.get(event) ?? []).filter((each) => !isReload(each, loader));
  registered.set(event, [...others, loader]);
  events.set(loader, [...eventsOf(loader), event]);
}

/** What a class was made a loader of. It stays one for a manager that lists it, also after a later load. */
export function eventsOf(loader: object): readonly LoaderEvent[] {
  return events.get(loader) ?? [];
}

/** Only its name and its text tell that a class was loaded again. */
function isReload(earlier: LoaderClass, later: LoaderClass): boolean {
  return earlier.name === later.name && String(earlier) === String(later);
}
