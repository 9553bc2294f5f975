import { channel, subscribe, unsubscribe } from 'node:diagnostics_channel';

/**
 * A diagnostics channel of Node with typed messages. Tracers find it by its name. Costs nothing while nobody listens:
 * ask `isHeard` before a message is made.
 */
export class JwtChannel<Message extends object> {
  readonly #channel;

  constructor(readonly name: string) {
    this.#channel = channel(name);
  }

  get isHeard(): boolean {
    return this.#channel.hasSubscribers;
  }

  /** An error in a listener reaches the process as an uncaught exception, and never the request. */
  publish(message: Message): void {
    this.#channel.publish(Object.freeze(message));
  }

  /** Calls the listener for each message. Returns a function that ends that. */
  subscribe(listener: (message: Message) => void): () => void {
    const listening = (message: unknown): void => {
      listener(message as Message);
    };
    subscribe(this.name, listening);
    return () => void unsubscribe(this.name, listening);
  }
}
