import { createHash } from 'node:crypto';

/** The names of everything that Redis keeps for one identity. */
export interface IdentityKeys {
  readonly generation: string;
  readonly sessions: string;
  readonly started: string;
  session(sid: string): string;
  token(jti: string): string;
}

/** The names of keys. Those of one identity share a hash tag, and so one slot of a Redis Cluster. */
export class RedisKeys {
  constructor(private readonly prefix: string) {}

  of(identity: string): IdentityKeys {
    // Hashed, because an identity may hold any text, including the braces of a hash tag.
    const tag = createHash('sha256').update(identity).digest('base64url');
    const key = `${this.prefix}{${tag}}`;
    return {
      generation: `${key}:generation`,
      sessions: `${key}:sessions`,
      started: `${key}:started`,
      session: (sid) => `${key}:session:${sid}`,
      token: (jti) => `${key}:token:${jti}`,
    };
  }

  /** What all keys of an identity share, and no key of another has. */
  groupOf(key: string): string {
    return key.slice(0, key.indexOf('}', this.prefix.length));
  }
}
