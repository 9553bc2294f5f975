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
 * Bounded by entries and by bytes. What is used twice stays longer than what came once, so that whoever can make any
 * number of good tokens pushes out no one but other strangers.
 */
export class TokenCache {
  readonly #strangers: LRUCache<string, KnownToken>;
  readonly #regulars: LRUCache<string, KnownToken>;

  constructor(entries: number, bytes: number) {
    this.#strangers = lru(entries * FOR_STRANGERS, bytes * FOR_STRANGERS);
    this.#regulars = lru(entries * (1 - FOR_STRANGERS), bytes * (1 - FOR_STRANGERS));
  }

  get(text: string): KnownToken | undefined {
    const regular = this.#regulars.get(text);
    if (regular !== undefined) return regular;
    const stranger = this.#strangers.get(text);
    if (stranger === undefined) return undefined;
    this.#strangers.delete(text);
    this.#regulars.set(copied(text), stranger);
    return stranger;
  }

  keep(text: string, token: KnownToken): void {
    this.#strangers.set(copied(text), token);
  }

  /** For a token whose key is not trusted any more. */
  forget(text: string): void {
    this.#strangers.delete(text);
    this.#regulars.delete(text);
  }
}

const FOR_STRANGERS = 0.25;

function lru(entries: number, bytes: number): LRUCache<string, KnownToken> {
  return new LRUCache({
    max: Math.max(1, Math.floor(entries)),
    maxSize: Math.max(1, Math.floor(bytes)),
    sizeCalculation: (_token, text) => bytesOf(text),
  });
}

/** What a token takes in memory: its text, and what has been made of it, which takes a multiple of the text. */
function bytesOf(text: string): number {
  return 1000 + 4 * text.length;
}

/** Not a part of the header, or of all cookies, which it would keep in memory. */
function copied(text: string): string {
  return Buffer.from(text, 'latin1').toString('latin1');
}
