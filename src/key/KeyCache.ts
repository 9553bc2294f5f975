import type { KeyObject } from 'node:crypto';
import { LRUCache } from 'lru-cache';

/** As many as there may be tenants with keys of their own. */
const MAX_KEYS = 1000;

/** Makes keys of what loaders return, once for each text: to parse a PEM takes longer than to verify a token. */
export class KeyCache {
  readonly #byText = new LRUCache<string, KeyObject>({ max: MAX_KEYS });

  constructor(private readonly make: (material: unknown) => KeyObject) {}

  get(material: unknown): KeyObject {
    if (typeof material !== 'string') return this.make(material);
    let key = this.#byText.get(material);
    if (key === undefined) this.#byText.set(material, (key = this.make(material)));
    return key;
  }
}
