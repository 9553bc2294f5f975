import type { JwtClaims } from '../claims';
import type { JwtErrorCode } from '../errors';
import { JwtChannel } from './JwtChannel';

/** A token, without anything that could be used as one. */
export interface TokenMessage {
  readonly type: JwtClaims['type'];
  readonly identity: unknown;
  readonly jti: string | null;
  /** The session, if there is one. */
  readonly sid?: string;
  /** When the token ends, in seconds since 1970. Undefined: never. */
  readonly exp?: number;
}

/** The request that carried a token. Undefined members: the token did not come with a request. */
export interface RequestMessage {
  readonly method?: string;
  readonly path?: string;
}

export interface AdmittedMessage extends TokenMessage, RequestMessage {}

export interface RefusedMessage extends RequestMessage {
  readonly code: JwtErrorCode;
  readonly status: number;
  /** Why, in words for the client. It never holds a token. */
  readonly reason: string;
  /** Only for a token whose signature was verified. */
  readonly token?: TokenMessage;
}

export interface RevokedMessage {
  /** What was ended: one token, a session, or every session of an identity. */
  readonly scope: 'token' | 'session' | 'identity';
  /** As the store knows it: text. */
  readonly identity: string;
  readonly sid?: string;
  readonly jti?: string;
}

export interface AvailabilityMessage {
  /** The issuer, or undefined for the revocation store. */
  readonly issuer?: string;
  readonly isAvailable: boolean;
  /** Why not, for the log. */
  readonly cause?: unknown;
}

/**
 * What happens to tokens, for logs, metrics and traces: `jwtEvents.refused.subscribe(({ code }) => …)`. The names are
 * those of diagnostics channels of Node. No message holds a token, a key, a cookie or a CSRF value.
 */
export const jwtEvents = Object.freeze({
  issued: new JwtChannel<TokenMessage>('jwt:issued'),
  admitted: new JwtChannel<AdmittedMessage>('jwt:admitted'),
  refused: new JwtChannel<RefusedMessage>('jwt:refused'),
  revoked: new JwtChannel<RevokedMessage>('jwt:revoked'),
  /** A refresh token came a second time: it was copied. Its session has ended. */
  reused: new JwtChannel<TokenMessage>('jwt:reused'),
  /** The revocation store failed, or is back. */
  store: new JwtChannel<AvailabilityMessage>('jwt:store'),
  /** The keys of an issuer could not be fetched, or could again. */
  issuer: new JwtChannel<AvailabilityMessage>('jwt:issuer'),
});
