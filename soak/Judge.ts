import type { Answer } from './Client';
import type { KnownToken, Service } from './KnownToken';
import type { Troubles } from './Troubles';

/** What is wrong with a request on purpose. */
export interface Flaw {
  readonly status: 401 | 422;
  /** Whether the store is asked before the request is refused. */
  readonly asksStore?: boolean;
  /** A process whose clock is behind does not see it. */
  readonly isOfTime?: boolean;
}

/** A request, and what may come back. */
export interface Case {
  readonly what: string;
  readonly service: Service;
  readonly answer: Answer;
  /** Whom the answer must name. Undefined: an anonymous request, or an answer that names nobody. */
  readonly token?: KnownToken;
  readonly flaw?: Flaw;
  /** Seconds since 1970, after which the token is not fresh. */
  readonly freshUntil?: number;
}

/** How late a revoked token may be let in, in milliseconds: README and docs/ending-sessions.md. */
const PROMISED_LATENESS: Record<Service, number> = { users: 0, partners: 1000 };

/** A response on its way when a fault ends was decided before. */
const MARGIN = 250;

/** Holds each answer against what is promised. */
export class Judge {
  readonly wrong: string[] = [];
  readonly counts = new Map<string, Map<string, number>>();
  /** The latest time after its revocation at which a token was let in. */
  readonly worstLateness: Record<Service, number> = { users: 0, partners: 0 };
  /** How often a token was tried after its end. */
  readonly triedAfterEnd: Record<Service, number> = { users: 0, partners: 0 };
  judged = 0;

  constructor(private readonly troubles: Troubles) {}

  complain(what: string): void {
    this.wrong.push(what);
  }

  judge(tried: Case): void {
    const { what, answer } = tried;
    this.judged++;
    const outcome = String(answer.status ?? 'no answer');
    const counted = this.counts.get(what) ?? new Map<string, number>();
    this.counts.set(what, counted.set(outcome, (counted.get(outcome) ?? 0) + 1));
    const complaint = this.#complaint(tried);
    if (complaint === undefined) return;
    const { process, from, to, body, error } = answer;
    const when = `at ${(from / 1000).toFixed(2)} s for ${(to - from).toFixed(0)} ms`;
    this.complain(
      `${what}, ${process.name}, ${when}: ${complaint}; ${outcome} ${error ?? JSON.stringify(body)}`,
    );
  }

  #complaint(tried: Case): string | undefined {
    const { answer, flaw, service } = tried;
    switch (answer.status) {
      case undefined:
        return this.#mayBeLost(tried) ? undefined : 'no answer, and nothing was cut';
      case 200:
        if (flaw === undefined) return this.#admission(tried);
        return flaw.isOfTime === true && this.#had('clock', answer) ? undefined : 'let in';
      case 503:
        if (answer.headers['retry-after'] === undefined) return '503 without Retry-After';
        if (flaw !== undefined && flaw.asksStore !== true)
          return 'the store was asked about a request that is refused anyway';
        return this.#had('store', answer) ? undefined : 'the store was well';
      case 500:
        if (flaw !== undefined || service !== 'users') return 'no loader was to be asked';
        return this.#had('loader throwing', answer) ? undefined : 'an error that nobody has caused';
      case 401:
      case 422:
        return flaw === undefined ? this.#refusal(tried) : this.#flawed(tried, flaw);
      default:
        return 'a status that was never promised';
    }
  }

  #mayBeLost({ answer, service, flaw }: Case): boolean {
    if (this.#had('restart', answer) || this.#had('clients cut', answer)) return true;
    return service === 'users' && flaw === undefined && this.#had('loader hanging', answer);
  }

  /** Why this token should not have been let in, or not as this. */
  #admission({ answer, token, service, freshUntil }: Case): string | undefined {
    const { body, from, process } = answer;
    if (token === undefined)
      return body['identity'] === undefined ? undefined : 'an identity without a token';
    if (body['identity'] !== undefined && body['identity'] !== token.session.identity)
      return 'another identity';
    if (body['user'] !== undefined && body['user'] !== token.session.identity) return 'another user';
    if (body['jti'] !== undefined && body['jti'] !== token.jti) return 'another token';
    const { ended } = token.session;
    if (ended !== undefined && from > ended.at) {
      this.triedAfterEnd[service]++;
      const late = from - ended.at;
      this.worstLateness[service] = Math.max(this.worstLateness[service], late);
      const promised = process.name === ended.process ? 0 : PROMISED_LATENESS[service];
      if (late > promised) return `let in ${late.toFixed(0)} ms after its end, ${promised} were promised`;
    }
    if (this.#had('clock', answer) || token.isOfWrongClock) return undefined;
    const sent = wallClock(from);
    if (sent >= token.exp) return 'expired';
    if (freshUntil !== undefined && sent >= freshUntil) return 'not fresh';
    return undefined;
  }

  /** Why this token should not have been refused, or not in this way. */
  #refusal({ answer, token, service, freshUntil, what }: Case): string | undefined {
    const { body, from, to, process } = answer;
    const hadWrongClock = this.#had('clock', answer);
    if (token === undefined) return hadWrongClock ? undefined : 'nothing was wrong with it';
    const { session } = token;
    if (session.ended !== undefined && from > session.ended.at) this.triedAfterEnd[service]++;
    if (hadWrongClock || token.isOfWrongClock) return undefined;
    switch (body['msg']) {
      case 'Token has been revoked':
        if (session.isUncertain || session.ended !== undefined) return undefined;
        return this.troubles.within('data lost', process.name, token.issuedAt, to)
          ? undefined
          : 'it was not revoked';
      case 'Token has expired':
        return wallClock(to) >= token.exp ? undefined : 'it had not expired';
      case 'Fresh token required':
        return freshUntil !== undefined && wallClock(to) >= freshUntil ? undefined : 'it was fresh';
      case 'Signature verification failed':
        return this.troubles.within('keys dropped', process.name, token.issuedAt, to)
          ? undefined
          : 'its key is known';
      default:
        return `nothing was wrong with ${what}`;
    }
  }

  #flawed({ answer, token }: Case, flaw: Flaw): string | undefined {
    if (answer.status === flaw.status) return undefined;
    // Another check comes first, when the clock says so, or when the key is gone.
    if (this.#had('clock', answer) || token?.isOfWrongClock === true) return undefined;
    if (
      token !== undefined &&
      this.troubles.within('keys dropped', answer.process.name, token.issuedAt, answer.to)
    )
      return undefined;
    return `refused, but not with ${flaw.status}`;
  }

  #had(trouble: Parameters<Troubles['within']>[0], { process, from, to }: Answer): boolean {
    return this.troubles.within(trouble, process.name, from - MARGIN, to);
  }
}

/** The time of day, in seconds, at a moment of performance.now(). */
function wallClock(moment: number): number {
  return (Date.now() - performance.now() + moment) / 1000;
}
