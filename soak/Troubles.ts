/** What is wrong on purpose at a moment, so that an answer is judged by what is promised then. */
export type Trouble =
  | 'store'
  | 'restart'
  | 'clients cut'
  | 'clock'
  | 'loader throwing'
  | 'loader hanging'
  | 'data lost'
  | 'keys dropped';

interface Span {
  readonly trouble: Trouble;
  /** Undefined: all processes. */
  readonly process: string | undefined;
  readonly from: number;
  until: number;
}

/** The troubles of a run, by the clock of performance.now(). */
export class Troubles {
  readonly #spans: Span[] = [];

  /** Lasts until `end()` is called, and `aftermath` milliseconds longer. */
  begin(trouble: Trouble, process?: string, aftermath = 0): { end: () => void } {
    const span: Span = { trouble, process, from: performance.now(), until: Infinity };
    this.#spans.push(span);
    return {
      end: () => {
        span.until = performance.now() + aftermath;
      },
    };
  }

  /** Whether this process had this trouble at some moment of that time. */
  within(trouble: Trouble, process: string, from: number, to: number): boolean {
    return this.#spans.some(
      (span) =>
        span.trouble === trouble &&
        (span.process ?? process) === process &&
        span.from <= to &&
        span.until >= from,
    );
  }
}
