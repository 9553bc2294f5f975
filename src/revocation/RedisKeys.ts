import { createHash } from 'node:crypto';

/** The names of all that is kept of one identity. */
export interface IdentityKeys {
  readonly generation: string;
  readonly sessions: string;
  session(sid: string): string;
  token(jti: string): string;
}

/** What keys are called. Those of one identity have one hash tag, and so one slot of a Redis Cluster. */
export class RedisKeys {
  constructor(private readonly prefix: string) {}

  of(identity: string): IdentityKeys {
    // Hashed, for an identity may hold anything, also the braces that make a hash tag.
    const tag = createHash('sha256').update(identity).digest('base64url');
    const key = `${this.prefix}{${tag}}`;
    return {
      generation: `${key}:generation`,
      sessions: `${key}:sessions`,
      session: (sid) => `${key}:session:${sid}`,
      token: (jti) => `${key}:token:${jti}`,
    };
  }

  /** What all keys of an identity have in common, and no key of another. */
  groupOf(key: string): string {
    return key.slice(0, key.indexOf('}', this.prefix.length));
  }
}
