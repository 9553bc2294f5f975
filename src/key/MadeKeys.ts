import type { KeyObject } from 'node:crypto';
import { LRUCache } from 'lru-cache';

/** As many as there may be tenants with a key of their own, before some are made anew. */
const MOST = 1000;

/** Makes keys of what loaders return, once for each text: to read a PEM takes longer than to verify a token. */
export class MadeKeys {
  readonly #byText = new LRUCache<string, KeyObject>({ max: MOST });

  constructor(private readonly make: (material: unknown) => KeyObject) {}

  of(material: unknown): KeyObject {
    if (typeof material !== 'string') return this.make(material);
    let key = this.#byText.get(material);
    if (key === undefined) this.#byText.set(material, (key = this.make(material)));
    return key;
  }
}
