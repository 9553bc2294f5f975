import type { Context } from 'koa';
import type { VerifiedToken } from '../VerifiedToken';

/** What has been found out about one token in one request, so that no question is asked twice. */
export interface Admission {
  readonly text: string;
  readonly token: VerifiedToken;
  /** The answers to what has been asked, by the first who wanted to know. */
  revocation?: Promise<void>;
  claims?: Promise<void>;
  user?: Promise<unknown>;
}

/** Remembers a manager's admission with the request, and nowhere else: nothing outlives the context. */
export class AdmissionMemo {
  readonly #key = Symbol('jwt admission');

  recall(ctx: Context, text: string): Admission | undefined {
    const known = (ctx as unknown as Record<symbol, Admission | undefined>)[this.#key];
    return known?.text === text ? known : undefined;
  }

  keep(ctx: Context, admission: Admission): Admission {
    (ctx as unknown as Record<symbol, Admission>)[this.#key] = admission;
    return admission;
  }
}
