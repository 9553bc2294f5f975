import type { JoseHeader } from '../VerifiedToken';

/** As many as a service has keys, and some more. */
const MOST = 32;

/** The headers of good tokens, which are few: one for each key, as a rule. So each is parsed once. */
export class SeenHeaders {
  readonly #bySegment = new Map<string, JoseHeader>();

  get(segment: string): JoseHeader | undefined {
    return this.#bySegment.get(segment);
  }

  keep(segment: string, header: JoseHeader): void {
    if (this.#bySegment.size === MOST) this.#bySegment.clear();
    this.#bySegment.set(segment, header);
  }
}
