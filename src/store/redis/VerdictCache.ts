import { LRUCache } from 'lru-cache';
import { bare, NO_OPTIONS } from '../../claims';
import type { TokenFacts, Verdict } from '../RevocationStore';

/** The verdicts that one change invalidates. A question that is under way sees by it whether there was a change. */
export interface VerdictGroup {
  readonly name: string;
  readonly jtis: Set<string>;
}

interface CachedVerdict {
  readonly token: TokenFacts;
  readonly verdict: Verdict;
  readonly group: VerdictGroup;
  /** Milliseconds since 1970. */
  readonly end: number;
}

/** Milliseconds from one sweep for expired entries to the next. */
const SWEEP_INTERVAL = 60_000;

/**
 * The last verdicts on access tokens, at most `max`. An entry stays until it expires, its group is dropped, or the
 * cache is full and others were used more recently. The caller knows whether a verdict still holds.
 */
export class VerdictCache {
  /** By `jti`. */
  readonly #entries: LRUCache<string, CachedVerdict>;
  readonly #groups = new Map<string, VerdictGroup>();
  #sweepAt = 0;

  constructor(max: number) {
    this.#entries = new LRUCache(
      bare({
        max,
        // A verdict that replaces another of its group stays in the group.
        noDisposeOnSet: true,
        dispose: ({ group }: CachedVerdict, jti: string) => {
          group.jtis.delete(jti);
          this.release(group);
        },
      }),
    );
  }

  get size(): number {
    return this.#entries.size;
  }

  get(token: TokenFacts): Verdict | undefined {
    const entry = token.jti === null ? undefined : this.#entries.get(token.jti, NO_OPTIONS);
    return entry === undefined || !isSame(entry.token, token) || hasExpired(entry)
      ? undefined
      : entry.verdict;
  }

  /** Call it before the question is sent, and `release` when the verdict is there. */
  group(name: string): VerdictGroup {
    const known = this.#groups.get(name);
    if (known !== undefined) return known;
    const group = { name, jtis: new Set<string>() };
    this.#groups.set(name, group);
    return group;
  }

  /** Adds a verdict, unless its group was dropped since the question was sent. `until` is in seconds since 1970. */
  keep(token: TokenFacts, verdict: Verdict, group: VerdictGroup, until: number): void {
    const entry = { token, verdict, group, end: until * 1000 };
    if (token.jti === null || hasExpired(entry) || this.#groups.get(group.name) !== group) return;
    if (this.#entries.peek(token.jti, NO_OPTIONS)?.group !== group) this.#entries.delete(token.jti);
    group.jtis.add(token.jti);
    this.#entries.set(token.jti, entry, NO_OPTIONS);
  }

  /** Removes an empty group. Verdicts that are still under way for it will not be kept. */
  release(group: VerdictGroup): void {
    if (group.jtis.size === 0 && this.#groups.get(group.name) === group) this.#groups.delete(group.name);
  }

  drop(name: string): void {
    const group = this.#groups.get(name);
    this.#groups.delete(name);
    for (const jti of group?.jtis ?? []) this.#entries.delete(jti);
  }

  clear(): void {
    this.#groups.clear();
    this.#entries.clear();
  }

  /** Evicts what has expired, at most once a minute. */
  sweep(): void {
    if (performance.now() < this.#sweepAt) return;
    this.#sweepAt = performance.now() + SWEEP_INTERVAL;
    for (const [jti, entry] of this.#entries.entries()) if (hasExpired(entry)) this.#entries.delete(jti);
  }
}

/** Whether two tokens are the same to a store, in everything that decides the verdict on an access token. */
function isSame(one: TokenFacts, other: TokenFacts): boolean {
  return (
    one.identity === other.identity &&
    one.sid === other.sid &&
    one.gen === other.gen &&
    one.iat === other.iat &&
    one.type === other.type
  );
}

function hasExpired({ end }: { readonly end: number }): boolean {
  // Negated, so that NaN has expired too.
  return !(end > Date.now());
}
