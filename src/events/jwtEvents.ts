import { channel } from 'node:diagnostics_channel';
import type { TokenLocation } from '../config/OptionTable';
import type { JwtErrorCode } from '../errors';
import type { TokenMessage } from './tokenMessage';

/** A diagnostics channel of Node whose messages have a type. An error in a listener never reaches the request. */
export interface JwtChannel<Message extends object> {
  /** By which tracers find it. */
  readonly name: string;
  /** Ask before a message is made: a channel that nobody listens to costs nothing. */
  readonly hasSubscribers: boolean;
  /** The library does it. An application only listens. */
  publish(message: Message): void;
  /** The listener is called at once, in the asynchronous context of the request. */
  subscribe(listener: (message: Message) => void): void;
  /** Returns whether the listener was subscribed. */
  unsubscribe(listener: (message: Message) => void): boolean;
}

/** A request that carried a token, or should have. */
export interface RequestMessage {
  readonly method: string;
  /** Without the query string, which may hold a token. What looks like a token is cut out. */
  readonly path: string;
  /** Controller and method, such as `UserController.list`. Undefined for middleware of plain Koa. */
  readonly action?: string;
  /** Where the token was, or the last place in which one was looked for. */
  readonly location?: TokenLocation;
}

/** Undefined members of a request: the token did not come with one. */
export interface AdmittedMessage extends TokenMessage, Partial<RequestMessage> {}

/** A refusal whose answer is decided. */
export interface RefusedMessage extends Partial<RequestMessage> {
  readonly code: JwtErrorCode;
  /** Of the answer. Undefined when the answer loader threw an error, which is answered instead. */
  readonly status?: number;
  /** Why, in words for the client. */
  readonly reason: string;
  /** Only a token that was verified, so that its contents can be trusted. */
  readonly token?: TokenMessage;
}

/** What was ended, in the words of the store. */
export interface RevokedMessage {
  /** What was ended: one token, one session, or all tokens of an identity. */
  readonly scope: 'token' | 'session' | 'identity';
  /** As the store knows it. */
  readonly identity: string;
  readonly sid?: string;
  readonly jti?: string;
}

/** The revocation store no longer responds, or does again. */
export interface StoreMessage {
  readonly isAvailable: boolean;
  /** Why not. */
  readonly reason?: string;
}

/** The keys of an issuer can no longer be fetched, or can be again. */
export interface IssuerMessage extends StoreMessage {
  readonly issuer: string;
}

/**
 * What happens to tokens, for logs, metrics and traces: `jwtEvents.refused.subscribe(({ code }) => …)`. No message
 * holds a token, a key, a cookie or a CSRF value.
 */
export const jwtEvents = Object.freeze({
  /** Somebody was given a token. */
  issued: channelFor<TokenMessage>('jwt:issued'),
  /** A request, or a check by hand, was let in by its token. Anonymous requests are not told. */
  admitted: channelFor<AdmittedMessage>('jwt:admitted'),
  /** A request was refused, and its answer is decided. */
  refused: channelFor<RefusedMessage>('jwt:refused'),
  revoked: channelFor<RevokedMessage>('jwt:revoked'),
  /** A refresh token came a second time: it was copied. Its session ends. */
  reused: channelFor<TokenMessage>('jwt:reused'),
  /** The revocation store fails, or is back. */
  store: channelFor<StoreMessage>('jwt:store'),
  /** The keys of an issuer cannot be fetched, or can again. */
  issuer: channelFor<IssuerMessage>('jwt:issuer'),
});

function channelFor<Message extends object>(name: string): JwtChannel<Message> {
  return channel(name) as unknown as JwtChannel<Message>;
}
