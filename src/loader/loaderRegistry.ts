import type { Constructor } from '../config/Constructor';
import type { JwtLoader, LoaderEvent } from './LoaderEvents';

export type LoaderClass<Event extends LoaderEvent = LoaderEvent> = Constructor<JwtLoader<Event>>;

const registered = new Map<LoaderEvent, LoaderClass[]>();

/** The classes that a decorator made loaders, by event. Managers read it at each question. */
export const registeredLoaders: ReadonlyMap<LoaderEvent, readonly LoaderClass[]> = registered;

/** Makes a class a loader of an event. */
export function registerLoader<Event extends LoaderEvent>(event: Event, loader: LoaderClass<Event>): void {
  registered.set(event, [...(registered.get(event) ?? []), loader]);
}
