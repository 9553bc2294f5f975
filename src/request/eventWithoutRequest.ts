import { bare, type VerifiedToken } from '../claims';
import type { VerifiedEvent } from '../loader/LoaderEvents';

/** The event of a token that did not come with a request of Koa. Loaders that do not read the request work as ever. */
export function eventWithoutRequest({ header, payload, identity }: VerifiedToken): VerifiedEvent {
  const event = { header, payload, identity };
  // Not enumerable, so that neither a copy nor a log reads it.
  return Object.defineProperty(event, 'context', bare({ get: refuse })) as unknown as VerifiedEvent;
}

function refuse(): never {
  throw new TypeError(
    'This token did not come with a request of Koa, so there is no context: it came through verifyToken, verifyUpgrade or watchToken',
  );
}
