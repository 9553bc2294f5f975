import type { KeyObject } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { VerifiedToken } from '../VerifiedToken';
import type { UnverifiedToken } from './CompactToken';

/** A token whose signature has held, by the key with which it did. */
export interface KnownToken extends UnverifiedToken {
  readonly key: KeyObject;
  readonly verified: VerifiedToken;
}

/**
 * Remembers tokens whose signature has held, by their whole text, so that it need not be checked again. That is all
 * that is remembered: who is trusted, with which key, and every claim is looked at anew each time.
 *
 * Bounded by entries and by bytes. A token is remembered when it comes for the second time, so that whoever can make
 * any number of good tokens, each of which comes once, pushes out nobody.
 */
export class TokenCache {
  readonly #tokens: LRUCache<string, KnownToken>;
  /** Fingerprints of those that came once, the latest in each place. */
  readonly #strangers = new Int32Array(65_536);

  constructor(entries: number, bytes: number) {
    this.#tokens = new LRUCache({
      max: entries,
      maxSize: Math.max(1, bytes),
      sizeCalculation: (_token, text) => bytesOf(text),
    });
  }

  get(text: string): KnownToken | undefined {
    return this.#tokens.get(text);
  }

  keep(text: string, token: KnownToken): void {
    const fingerprint = fingerprintOf(text);
    const place = fingerprint & (this.#strangers.length - 1);
    if (this.#strangers[place] === fingerprint) this.#tokens.set(copied(text), token);
    else this.#strangers[place] = fingerprint;
  }

  /** For a token whose key is not trusted any more. */
  forget(text: string): void {
    this.#tokens.delete(text);
  }
}

/** What a token takes in memory: its text, and what has been made of it, which takes a multiple of the text. */
function bytesOf(text: string): number {
  return 1000 + 4 * text.length;
}

/** Some bits of the signature, which nobody can choose. Two tokens may share it: the second is remembered early. */
function fingerprintOf(text: string): number {
  let bits = 0;
  for (let at = text.length - 8; at < text.length - 1; at++) bits = (bits << 5) ^ text.charCodeAt(at);
  return bits;
}

/** Not a part of the header, or of all cookies, which it would keep in memory. */
function copied(text: string): string {
  return Buffer.from(text, 'latin1').toString('latin1');
}
