import { getFromContainer, type Action } from 'routing-controllers';
import { bare } from '../claims';
import type { Constructor } from '../config/Constructor';
import { JwtConfigurationError } from '../errors';
import { isNotedHttpError, noteHttpError } from './httpErrors';
import type { JwtLoader, LoaderEvent, Receives, Returns } from './LoaderEvents';
import { eventsOf, registeredLoaders, type LoaderClass } from './loaderRegistry';

/** The names of the classes that a manager asks, by event. */
export interface LoaderSetup {
  readonly loaders: Readonly<Record<string, string>>;
  readonly unusable: readonly string[];
}

/**
 * The loaders of one manager. Without a list these are all that are registered when the question comes, so that a
 * blocklist loader that is imported late is asked too.
 */
export class Loaders {
  readonly #list: readonly LoaderClass[] | undefined;

  /** Throws JwtConfigurationError for a class that is not a loader, and for two loaders of one event. */
  constructor(list: readonly Constructor[] | undefined) {
    this.#list = list && ([...new Set(list)] as LoaderClass[]);
    const stranger = list?.find((candidate) => eventsOf(candidate).length === 0);
    if (stranger !== undefined) {
      throw new JwtConfigurationError(
        `Option loaders holds ${stranger.name}, which no decorator makes a loader: put one on it, such as @UserLoader()`,
      );
    }
    this.classes();
  }

  /** The classes that are asked, by event. Throws JwtConfigurationError for two loaders of one event. */
  classes(): [LoaderEvent, LoaderClass][] {
    return [...registeredLoaders.keys()].flatMap((event) => {
      const loader = this.#classFor(event);
      return loader === undefined ? [] : [[event, loader]];
    });
  }

  /** The names of the classes that are asked, and why some of them cannot be. */
  setup(action: Action | undefined): LoaderSetup {
    const unusable: string[] = [];
    for (const [, loaderClass] of this.classes()) {
      try {
        made(loaderClass, action);
      } catch (error) {
        unusable.push((error as Error).message);
      }
    }
    const loaders = Object.fromEntries(this.classes().map(([event, { name }]) => [event, name]));
    return { loaders, unusable };
  }

  has(event: LoaderEvent): boolean {
    return this.#classFor(event) !== undefined;
  }

  /**
   * Asks the loader of an event, if there is one. `action` lets a container choose one for the request. Errors of the
   * loader pass through, because they are the application's.
   */
  ask<Event extends LoaderEvent>(
    event: Event,
    receives: Receives<Event>,
    action?: Action,
  ): Promise<{ readonly answer: Returns<Event> }> | undefined {
    const loaderClass = this.#classFor(event);
    return loaderClass === undefined ? undefined : answered(loaderClass, receives, action);
  }

  /**
   * Asks for a yes or no. Any other answer, such as a count of rows or a forgotten return, is an Error: a check must
   * not pass by mistake.
   */
  async decide(
    event: 'claimsVerification' | 'tokenInBlocklist',
    receives: Receives<'claimsVerification'>,
    action: Action | undefined,
  ): Promise<boolean | undefined> {
    const asked = await this.ask(event, receives, action);
    if (asked === undefined) return undefined;
    if (typeof (asked.answer as unknown) === 'boolean') return asked.answer;
    throw new TypeError(`${this.nameOf(event)}.load() must return true or false`);
  }

  /** The name of the class that is asked, for messages. */
  nameOf(event: LoaderEvent): string {
    return this.#classFor(event)?.name ?? event;
  }

  /** Throws JwtConfigurationError, which names both, when there are two. */
  #classFor(event: LoaderEvent): LoaderClass | undefined {
    const registered = registeredLoaders.get(event);
    if (registered === undefined) return undefined;
    const list = this.#list;
    const [loader, second] = list?.filter((each) => eventsOf(each).includes(event)) ?? registered;
    if (loader === undefined || second === undefined) return loader;
    throw new JwtConfigurationError(
      `Two loaders for one event, ${event}: ${loader.name} and ${second.name}. Give the manager one of them in its option loaders`,
    );
  }
}

async function answered<Event extends LoaderEvent>(
  loaderClass: LoaderClass,
  receives: Receives<Event>,
  action: Action | undefined,
): Promise<{ readonly answer: Returns<Event> }> {
  const loader = made<Event>(loaderClass, action);
  try {
    return { answer: await loader.load(receives) };
  } catch (error) {
    if (isAnswerable(error)) throw noteHttpError(error);
    throw new Error(`${loaderClass.name}.load() threw a value that Koa cannot turn into a response`, {
      cause: error,
    });
  }
}

/**
 * Whether Koa can answer an error. It assigns `status`, which ends the process if that throws; and it answers nothing
 * when null or undefined was thrown.
 */
function isAnswerable(error: unknown): error is Error {
  if (!(error instanceof Error) || !Object.isExtensible(error)) return false;
  for (
    let owner: object | null = error;
    owner !== null;
    owner = Object.getPrototypeOf(owner) as object | null
  ) {
    const status = Object.getOwnPropertyDescriptor(owner, 'status');
    if (status === undefined) continue;
    const own = bare(status);
    return own.writable === true || own.set !== undefined;
  }
  return true;
}

/** Takes a loader out of the container. Throws an Error when there is none, and when it cannot be asked. */
function made<Event extends LoaderEvent>(loaderClass: LoaderClass, action?: Action): JwtLoader<Event> {
  let loader: Partial<JwtLoader<Event>> | undefined;
  let cause: unknown;
  try {
    loader = getFromContainer<JwtLoader<Event>>(loaderClass, action);
  } catch (error) {
    // A container that chooses by request may know that there is nothing to choose.
    if (error instanceof Error && isNotedHttpError(noteHttpError(error))) throw error;
    cause = error;
  }
  if (typeof loader?.load === 'function') return loader as JwtLoader<Event>;
  const { name } = loaderClass;
  throw new Error(
    typeof loader === 'object' && (loader as object | null) !== null
      ? `${name} has no method load: a loader is asked by its load(event)`
      : `The container cannot make ${name}: register it there, for TypeDI with @Service() above the class`,
    { cause },
  );
}
