import { getFromContainer, type Action } from 'routing-controllers';
import { JwtConfigurationError } from '../errors';
import type { Constructor } from '../config/OptionTable';
import type { JwtLoader, LoaderEvent, Receives, Returns } from './LoaderEvents';
import {
  countRegistrations,
  isLoader,
  registeredEvents,
  registeredLoader,
  type LoaderClass,
} from './loaderRegistry';

/**
 * The loaders one manager asks. Without a list it asks whichever are registered at the time of the question, so
 * that a blocklist loader imported late is never passed over.
 */
export class Loaders {
  readonly #list: readonly Constructor[] | undefined;
  #classes = new Map<LoaderEvent, LoaderClass>();
  #asOf = -1;

  /** Throws JwtConfigurationError for a class that is no loader, and for two loaders of one event. */
  constructor(list: readonly Constructor[] | undefined) {
    this.#list = list;
    const stranger = list?.find((candidate) => !isLoader(candidate));
    if (stranger !== undefined) {
      throw new JwtConfigurationError(
        `Option loaders holds ${stranger.name}, which no decorator makes a loader: put one on it, such as @UserLoader()`,
      );
    }
    this.#lookUp();
  }

  has(event: LoaderEvent): boolean {
    return this.#classFor(event) !== undefined;
  }

  /**
   * Asks the loader of an event, if there is one; `action` lets a container pick one for the request. What the
   * loader throws passes through: it is the application's.
   */
  async ask<Event extends LoaderEvent>(
    event: Event,
    receives: Receives<Event>,
    action?: Action,
  ): Promise<{ readonly answer: Returns<Event> } | undefined> {
    const loaderClass = this.#classFor(event);
    if (loaderClass === undefined) return undefined;
    const loader = made<Event>(loaderClass, action);
    try {
      return { answer: await loader.load(receives) };
    } catch (error) {
      if (isAnswerable(error)) throw error;
      throw new Error(`${loaderClass.name}.load() threw what Koa cannot answer`, { cause: error });
    }
  }

  /**
   * Asks for a yes or no. Anything else than true or false, such as the count of rows found or a forgotten
   * return, is an Error: a check must not pass by mistake.
   */
  async decide(
    event: 'claimsVerification' | 'tokenInBlocklist',
    receives: Receives<'claimsVerification'>,
    action: Action,
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

  #classFor(event: LoaderEvent): LoaderClass | undefined {
    if (this.#asOf !== countRegistrations()) this.#lookUp();
    return this.#classes.get(event);
  }

  /** Throws JwtConfigurationError where there are two for an event, also for all that are asked later. */
  #lookUp(): void {
    const now = countRegistrations();
    const classes = new Map<LoaderEvent, LoaderClass>();
    for (const event of registeredEvents()) {
      const loader = registeredLoader(event, this.#list);
      if (loader !== undefined) classes.set(event, loader);
    }
    this.#classes = classes;
    this.#asOf = now;
  }
}

/**
 * Whether Koa can answer an error: it assigns `status`, which ends the process where that throws, and answers
 * nothing at all where null or undefined was thrown.
 */
function isAnswerable(error: unknown): error is Error {
  if (!(error instanceof Error) || !Object.isExtensible(error)) return false;
  for (
    let owner: object | null = error;
    owner !== null;
    owner = Object.getPrototypeOf(owner) as object | null
  ) {
    const status = Object.getOwnPropertyDescriptor(owner, 'status');
    if (status !== undefined) return status.writable === true || status.set !== undefined;
  }
  return true;
}

function made<Event extends LoaderEvent>(loaderClass: LoaderClass, action?: Action): JwtLoader<Event> {
  try {
    return getFromContainer<JwtLoader<Event>>(loaderClass, action);
  } catch (cause) {
    throw new Error(
      `The container cannot make ${loaderClass.name}: register it there, for TypeDI with @Service() above the class`,
      { cause },
    );
  }
}
