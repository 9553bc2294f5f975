import { jwtEvents, type JwtChannel } from '../../src/index';

type Events = typeof jwtEvents;
export type EventName = keyof Events;
type MessageOf<Name extends EventName> = Events[Name] extends JwtChannel<infer Message> ? Message : never;

/** Listens to every channel and keeps all messages. `stop()` ends that. */
export class Heard {
  readonly all: { readonly name: EventName; readonly message: object }[] = [];
  readonly #stops: (() => void)[] = [];

  constructor() {
    for (const [name, channel] of Object.entries(jwtEvents) as [EventName, JwtChannel<object>][]) {
      const keep = (message: object): void => void this.all.push({ name, message });
      channel.subscribe(keep);
      this.#stops.push(() => channel.unsubscribe(keep));
    }
  }

  of<Name extends EventName>(name: Name): MessageOf<Name>[] {
    return this.all.filter((each) => each.name === name).map(({ message }) => message as MessageOf<Name>);
  }

  get names(): EventName[] {
    return this.all.map(({ name }) => name);
  }

  forget(): void {
    this.all.length = 0;
  }

  stop(): void {
    for (const stop of this.#stops) stop();
  }
}
