import type { TokenFacts, Verdict } from '../RevocationStore';

/** Answers that one change makes void. Those in flight know by it whether there was one. */
export interface AnswerGroup {
  readonly name: string;
  readonly jtis: Set<string>;
}

interface LocalAnswer {
  readonly token: TokenFacts;
  readonly verdict: Verdict;
  readonly group: AnswerGroup;
  /** Milliseconds since 1970. */
  readonly end: number;
  isUsed: boolean;
}

/** Milliseconds from one search for ended answers to the next. */
const SWEPT_EVERY = 60_000;

/**
 * What was last said of access tokens, at most `max` answers. Each stays until it ends, its group is dropped, or
 * others need the room and were used more recently. Whether what it says still holds is for others to know.
 */
export class LocalAnswers {
  /** By `jti`, the oldest first. */
  readonly #answers = new Map<string, LocalAnswer>();
  readonly #groups = new Map<string, AnswerGroup>();
  #sweepAt = 0;

  constructor(private readonly max: number) {}

  get size(): number {
    return this.#answers.size;
  }

  get(token: TokenFacts): Verdict | undefined {
    const answer = token.jti === null ? undefined : this.#answers.get(token.jti);
    if (answer === undefined || !isSame(answer.token, token) || hasEnded(answer)) return undefined;
    // A note instead of a move to the end of the map: it costs nothing here, and is heeded when room is made.
    answer.isUsed = true;
    return answer.verdict;
  }

  /** To be called before a question is sent, and released when it is answered. */
  group(name: string): AnswerGroup {
    const known = this.#groups.get(name);
    if (known !== undefined) return known;
    const group = { name, jtis: new Set<string>() };
    this.#groups.set(name, group);
    return group;
  }

  /** Keeps an answer, unless its group was dropped since the question was sent. `until` is in seconds since 1970. */
  keep(token: TokenFacts, verdict: Verdict, group: AnswerGroup, until: number): void {
    const answer = { token, verdict, group, end: until * 1000, isUsed: false };
    if (token.jti === null || hasEnded(answer) || this.#groups.get(group.name) !== group) return;
    const known = this.#answers.get(token.jti);
    if (known !== undefined && known.group !== group) this.#remove(token.jti, known);
    this.#answers.set(token.jti, answer);
    group.jtis.add(token.jti);
    if (this.#answers.size > this.max) this.#makeRoom();
  }

  /** Forgets a group that has come to hold nothing. What is still in flight for it will not be kept. */
  release(group: AnswerGroup): void {
    if (group.jtis.size === 0 && this.#groups.get(group.name) === group) this.#groups.delete(group.name);
  }

  drop(name: string): void {
    for (const jti of this.#groups.get(name)?.jtis ?? []) this.#answers.delete(jti);
    this.#groups.delete(name);
  }

  clear(): void {
    this.#answers.clear();
    this.#groups.clear();
  }

  /** Forgets what has ended, once a minute however often it is called: at most `max` are looked at. */
  sweep(): void {
    if (performance.now() < this.#sweepAt) return;
    this.#sweepAt = performance.now() + SWEPT_EVERY;
    for (const [jti, answer] of this.#answers) if (hasEnded(answer)) this.#remove(jti, answer);
  }

  /** Forgets the oldest that was not used since it was last come by here. */
  #makeRoom(): void {
    for (const [jti, answer] of this.#answers) {
      if (!answer.isUsed) {
        this.#remove(jti, answer);
        return;
      }
      answer.isUsed = false;
      this.#answers.delete(jti);
      this.#answers.set(jti, answer);
    }
  }

  #remove(jti: string, { group }: LocalAnswer): void {
    this.#answers.delete(jti);
    group.jtis.delete(jti);
    this.release(group);
  }
}

/** Whether two tokens are the same to a store: in all that its verdict on an access token depends on. */
function isSame(one: TokenFacts, other: TokenFacts): boolean {
  return (
    one.identity === other.identity &&
    one.sid === other.sid &&
    one.gen === other.gen &&
    one.iat === other.iat &&
    one.type === other.type
  );
}

function hasEnded(answer: { readonly end: number }): boolean {
  // Also where the end is no number.
  return !(answer.end > Date.now());
}
