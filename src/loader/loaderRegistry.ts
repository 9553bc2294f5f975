import { JwtConfigurationError } from '../errors';
import type { Constructor } from '../config/OptionTable';
import type { JwtLoader, LoaderEvent } from './LoaderEvents';

export type LoaderClass<Event extends LoaderEvent = LoaderEvent> = Constructor<JwtLoader<Event>>;

const registered = new Map<LoaderEvent, LoaderClass[]>();
let registrations = 0;

/** How many loaders have been registered until now: what is found out about them holds until this has changed. */
export function countRegistrations(): number {
  return registrations;
}

/** Notes that a class is the loader for an event; a loader decorator does. */
export function registerLoader<Event extends LoaderEvent>(event: Event, loader: LoaderClass<Event>): void {
  const classes = registered.get(event) ?? [];
  classes.push(loader);
  registered.set(event, classes);
  registrations++;
}

/**
 * The loader for an event among the given classes, or among all that are registered. Throws
 * JwtConfigurationError, naming both, where there are two.
 */
export function registeredLoader(
  event: LoaderEvent,
  among?: readonly Constructor[],
): LoaderClass | undefined {
  const all = registered.get(event) ?? [];
  const [loader, second] = among === undefined ? all : all.filter((each) => among.includes(each));
  if (loader !== undefined && second !== undefined) {
    throw new JwtConfigurationError(
      `Two loaders for one event, ${event}: ${loader.name} and ${second.name}. Give the manager one of them in its option loaders`,
    );
  }
  return loader;
}

/** Whether a class is registered as a loader of any event. */
export function isLoader(candidate: Constructor): boolean {
  return [...registered.values()].some((classes) => classes.includes(candidate as LoaderClass));
}

/** The events for which some class is registered. */
export function registeredEvents(): Iterable<LoaderEvent> {
  return registered.keys();
}
