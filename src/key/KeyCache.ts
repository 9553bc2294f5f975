import { KeyObject } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { bare, NO_OPTIONS } from '../claims';

/** As many as there may be tenants with keys of their own. */
const MAX_KEYS = 1000;

/**
 * Makes keys of what loaders return, once for each text, content and KeyObject: to parse or check a key takes longer
 * than to verify a token.
 */
export class KeyCache {
  readonly #byText = new LRUCache<string, KeyObject>(bare({ max: MAX_KEYS }));
  /** By the content of bytes, because their owner may change them. */
  readonly #byContent = new LRUCache<string, KeyObject>(bare({ max: MAX_KEYS }));
  readonly #byObject = new WeakMap<KeyObject, KeyObject>();

  constructor(private readonly make: (material: unknown) => KeyObject) {}

  get(material: unknown): KeyObject {
    if (typeof material === 'string') return this.#kept(this.#byText, material, material);
    if (material instanceof KeyObject) return this.#kept(this.#byObject, material, material);
    if (!(material instanceof Uint8Array)) return this.make(material);
    return this.#kept(this.#byContent, Buffer.from(material).toString('latin1'), material);
  }

  #kept<Name>(keys: Keys<Name>, name: Name, material: unknown): KeyObject {
    let key = keys.get(name, NO_OPTIONS);
    if (key === undefined) keys.set(name, (key = this.make(material)), NO_OPTIONS);
    return key;
  }
}

interface Keys<Name> {
  get(name: Name, options: object): KeyObject | undefined;
  set(name: Name, key: KeyObject, options: object): unknown;
}
