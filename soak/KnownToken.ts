/** A log-in, and when it ended. Times are those of performance.now(). */
export interface KnownSession {
  readonly service: Service;
  readonly identity: string;
  /** When the answer came that it has ended, and from which process. */
  ended?: { readonly at: number; readonly process: string };
  /** It may have ended: an answer was lost, or the store did not respond. */
  isUncertain: boolean;
}

export type Service = 'users' | 'partners';

/** A token that a process has made, and what is true of it. */
export interface KnownToken {
  readonly text: string;
  readonly session: KnownSession;
  readonly jti: string;
  readonly csrf: string | undefined;
  /** Seconds since 1970. */
  readonly exp: number;
  readonly iat: number;
  readonly kid: string;
  readonly issuedAt: number;
  /** Made while the clock of its process was wrong: any other process may refuse it. */
  readonly isOfWrongClock: boolean;
}

export function knownToken(
  text: string,
  session: KnownSession,
  issuedAt: number,
  isOfWrongClock: boolean,
): KnownToken {
  const [header, claims] = text.split('.').map(decoded);
  const { jti, csrf, exp, iat } = claims as { jti: string; csrf?: string; exp: number; iat: number };
  const { kid } = header as { kid: string };
  return { text, session, jti, csrf, exp, iat, kid, issuedAt, isOfWrongClock };
}

function decoded(segment: string): unknown {
  try {
    return JSON.parse(Buffer.from(segment, 'base64url').toString());
  } catch {
    return undefined; // a signature
  }
}
