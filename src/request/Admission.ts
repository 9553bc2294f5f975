import type { Context } from 'koa';
import type { VerifiedToken } from '../VerifiedToken';

/** What has been found out about one token in one request, so that no question is asked twice. */
export class Admission {
  readonly #answers = new Map<string, Promise<unknown>>();

  constructor(
    readonly text: string,
    readonly token: VerifiedToken,
  ) {}

  /** The answer to a question, asked by the first who wants to know. */
  once<T>(question: string, ask: () => Promise<T>): Promise<T> {
    let answer = this.#answers.get(question) as Promise<T> | undefined;
    if (answer === undefined) {
      answer = ask();
      this.#answers.set(question, answer);
    }
    return answer;
  }
}

/** Remembers a manager's admission with the request, and nowhere else: nothing outlives the context. */
export class AdmissionMemo {
  readonly #key = Symbol('jwt admission');

  recall(ctx: Context, text: string): Admission | undefined {
    const known = (ctx as unknown as Record<symbol, Admission | undefined>)[this.#key];
    return known?.text === text ? known : undefined;
  }

  keep(ctx: Context, admission: Admission): void {
    (ctx as unknown as Record<symbol, Admission>)[this.#key] = admission;
  }
}
