import type { Context } from 'koa';
import type { VerifiedToken } from '../VerifiedToken';
import { RequestSlot } from './RequestSlot';

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
  readonly #slot = new RequestSlot<Admission>('jwt admission');

  recall(ctx: Context, text: string): Admission | undefined {
    const known = this.#slot.get(ctx);
    return known?.text === text ? known : undefined;
  }

  keep(ctx: Context, admission: Admission): Admission {
    this.#slot.set(ctx, admission);
    return admission;
  }
}
