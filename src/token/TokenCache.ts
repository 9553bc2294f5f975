import type { KeyObject } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { bare, NO_OPTIONS, type VerifiedToken } from '../claims';
import type { UnverifiedToken } from './CompactToken';

/** A token whose signature was verified, with the key that verified it. */
export interface CachedToken extends UnverifiedToken {
  readonly key: KeyObject;
  readonly verified: VerifiedToken;
}

/**
 * Caches tokens whose signature was verified, by their whole text, so that it is not verified again. It caches nothing
 * else: who is trusted, with which key, and every claim is checked again each time.
 *
 * Bounded by entries and by bytes. A token is added when it comes for the second time, so that a client who can make
 * any number of good tokens, and sends each once, evicts nobody.
 */
export class TokenCache {
  readonly #tokens: LRUCache<string, CachedToken>;
  /** The fingerprints of tokens that came once, the latest in each place. */
  readonly #seenOnce = new Int32Array(65_536);

  constructor(entries: number, bytes: number) {
    this.#tokens = new LRUCache(
      bare({
        max: entries,
        maxSize: Math.max(1, bytes),
        sizeCalculation: (_token: CachedToken, text: string) => bytesOf(text),
      }),
    );
  }

  get(text: string): CachedToken | undefined {
    return this.#tokens.get(text, NO_OPTIONS);
  }

  add(text: string, token: CachedToken): void {
    const fingerprint = fingerprintOf(text);
    const place = fingerprint & (this.#seenOnce.length - 1);
    if (this.#seenOnce[place] === fingerprint) this.#tokens.set(copied(text), token, NO_OPTIONS);
    else this.#seenOnce[place] = fingerprint;
  }

  /** For a token whose key is no longer trusted. */
  delete(text: string): void {
    this.#tokens.delete(text);
  }
}

/** The memory that a token takes: its text, and its parsed form, which takes a multiple of the text. */
function bytesOf(text: string): number {
  return 1000 + 4 * text.length;
}

/** Some bits of the signature, which nobody can choose. When two tokens share them, the second is added early. */
function fingerprintOf(text: string): number {
  let bits = 0;
  for (let at = text.length - 8; at < text.length - 1; at++) bits = (bits << 5) ^ text.charCodeAt(at);
  return bits;
}

/** A copy, because a slice would keep the whole header or all cookies in memory. */
function copied(text: string): string {
  return Buffer.from(text, 'latin1').toString('latin1');
}
