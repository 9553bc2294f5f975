import { generateKeyPairSync, randomBytes } from 'node:crypto';
import type { Setting } from './application/messages';

type Keys = Pick<Setting, 'secrets' | 'keyPairs'>;

interface Generation {
  readonly secret: Setting['secrets'][number];
  readonly keyPair: Setting['keyPairs'][number];
}

/** The keys of both services, which rotate in the steps of docs/keys.md. The first signs. */
export class KeyRing {
  #generations = [newGeneration(0)];
  #made = 1;

  get current(): Keys {
    return {
      secrets: this.#generations.map(({ secret }) => secret),
      keyPairs: this.#generations.map(({ keyPair }) => keyPair),
    };
  }

  /** All know the new keys, and sign with the old ones. */
  add(): void {
    this.#generations.push(newGeneration(this.#made++));
  }

  /** The new keys sign. */
  swap(): void {
    this.#generations.reverse();
  }

  /** Whether there was one besides the keys that sign. */
  dropOldest(): boolean {
    return this.#generations.length > 1 && this.#generations.pop() !== undefined;
  }
}

function newGeneration(count: number): Generation {
  const { privateKey } = generateKeyPairSync('ed25519');
  return {
    secret: { kid: `secret-${count}`, secretKey: randomBytes(48).toString('base64url') },
    keyPair: {
      kid: `pair-${count}`,
      privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
    },
  };
}
