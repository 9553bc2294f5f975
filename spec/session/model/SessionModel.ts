/** The options of the managers under test, and the rules of the model. Times are in seconds. */
export const RULES = {
  accessTokenExpires: 100,
  refreshTokenExpires: 400,
  rotationGrace: 10,
  maxSessions: 2,
} as const;

/** `foreign`: of an issuer with the same key that does not ask the store, and so knows no generation. */
export type Kind = 'access' | 'refresh' | 'purpose' | 'foreign';

export interface ModelToken {
  readonly kind: Kind;
  readonly identity: string;
  readonly session?: ModelSession;
  readonly generation?: number;
  readonly iat: number;
  readonly exp: number;
  isRevoked: boolean;
}

export interface ModelSession {
  readonly identity: string;
  readonly started: number;
  readonly until: number;
  refreshed: number;
  rotatedAt: number;
  current: ModelToken[];
  previous?: ModelToken;
  hasEnded: boolean;
}

/** What a guard says to a token. */
export type Outcome = 'let in' | 'Token has been revoked' | 'Token has expired';
export type ModelVerdict = 'valid' | 'revoked' | 'reused';

/** More than so many refresh tokens of one session are never current. */
const MAX_CURRENT = 32;

/** Sessions and tokens as the documentation describes them, without stores, signatures or HTTP. */
export class SessionModel {
  readonly tokens: ModelToken[] = [];
  readonly sessions: ModelSession[] = [];
  readonly #generations = new Map<string, number>();
  readonly #loggedOutAt = new Map<string, number>();

  /** The new tokens: the access token of a log-in, if there is one, and then its refresh token. */
  logIn(identity: string, hasAccessToken: boolean): void {
    const started = wholeSeconds();
    const until = started + RULES.refreshTokenExpires;
    const times = { started, refreshed: started, until, rotatedAt: Date.now() };
    const session: ModelSession = { identity, ...times, current: [], hasEnded: false };
    this.sessions.push(session);
    if (hasAccessToken) this.#add('access', session);
    session.current.push(this.#add('refresh', session));
    const [oldest, ...others] = this.sessionsOf(identity);
    if (oldest !== undefined && others.length >= RULES.maxSessions) oldest.hasEnded = true;
  }

  make(kind: Exclude<Kind, 'refresh'>, identity: string): void {
    this.#add(kind, undefined, identity);
  }

  sessionsOf(identity: string): ModelSession[] {
    return this.sessions.filter((session) => session.identity === identity && isAlive(session));
  }

  verdict(token: ModelToken): ModelVerdict {
    const { identity, session, generation } = token;
    if (token.isRevoked) return 'revoked';
    if (generation === undefined) {
      return token.iat <= (this.#loggedOutAt.get(identity) ?? -Infinity) ? 'revoked' : 'valid';
    }
    if (generation !== this.#generation(identity)) return 'revoked';
    if (session === undefined) return 'valid';
    if (!isAlive(session)) return 'revoked';
    if (token.kind === 'access' || session.current.includes(token)) return 'valid';
    const isInGrace = Date.now() - session.rotatedAt < RULES.rotationGrace * 1000;
    return session.previous === token && isInGrace ? 'valid' : 'reused';
  }

  /** A token is shown to a guard. A refresh token that was used up ends its session. */
  use(token: ModelToken): Outcome {
    if (hasExpired(token)) return 'Token has expired';
    const verdict = this.verdict(token);
    if (verdict === 'reused' && token.session !== undefined) token.session.hasEnded = true;
    return verdict === 'valid' ? 'let in' : 'Token has been revoked';
  }

  /** Adds the new pair, as logIn does. */
  rotate(token: ModelToken): Outcome {
    const outcome = this.use(token);
    const { session } = token;
    if (outcome !== 'let in' || session === undefined) return outcome;
    const isFirst = session.current.includes(token);
    if (!isFirst && session.current.length >= MAX_CURRENT) return 'Token has been revoked';
    this.#add('access', session);
    const next = this.#add('refresh', session);
    session.refreshed = wholeSeconds();
    if (isFirst) Object.assign(session, { current: [next], previous: token, rotatedAt: Date.now() });
    else session.current.push(next);
    return outcome;
  }

  spend(token: ModelToken): Outcome {
    const outcome = this.use(token);
    if (outcome === 'let in') token.isRevoked = true;
    return outcome;
  }

  revoke(token: ModelToken): void {
    token.isRevoked = true;
  }

  revokeSession(token: ModelToken): void {
    if (token.session === undefined) this.revoke(token);
    else token.session.hasEnded = true;
  }

  revokeAll(identity: string): void {
    this.#generations.set(identity, this.#generation(identity) + 1);
    this.#loggedOutAt.set(identity, Date.now() / 1000);
    for (const session of this.sessionsOf(identity)) session.hasEnded = true;
  }

  logOut(token: ModelToken): void {
    if (token.kind !== 'purpose') this.revokeSession(token);
  }

  #generation(identity: string): number {
    return this.#generations.get(identity) ?? 0;
  }

  #add(kind: Kind, session: ModelSession | undefined, of?: string): ModelToken {
    const identity = session?.identity ?? String(of);
    const iat = wholeSeconds();
    const lifetime = kind === 'refresh' ? RULES.refreshTokenExpires : RULES.accessTokenExpires;
    const token: ModelToken = {
      kind,
      identity,
      iat,
      exp: Math.min(iat + lifetime, session?.until ?? Infinity),
      ...(session !== undefined && { session }),
      ...(kind !== 'foreign' && { generation: this.#generation(identity) }),
      isRevoked: false,
    };
    this.tokens.push(token);
    return token;
  }
}

export function hasExpired({ exp }: ModelToken): boolean {
  return exp <= Date.now() / 1000;
}

function isAlive({ hasEnded, until }: ModelSession): boolean {
  return !hasEnded && until > Date.now() / 1000;
}

function wholeSeconds(): number {
  return Math.floor(Date.now() / 1000);
}
