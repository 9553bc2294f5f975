import { shared } from '../registry/registry';

const deferral = shared('parse errors', () => ({ areDeferred: false }));

/**
 * routing-controllers parses bodies before anything else, so that invalid JSON is a 400 before a guard can say that
 * there is no token in it. After this call, the error waits for the guard in servers that are created from then on.
 * The location `json` calls it.
 */
export function deferParseErrors(): void {
  deferral.areDeferred = true;
}

export function areParseErrorsDeferred(): boolean {
  return deferral.areDeferred;
}

/** Whether a body could not be parsed. A body that is too large, or in an unknown charset, is another matter. */
export function isSyntaxError(error: unknown): boolean {
  const { status } = error as { status?: unknown };
  return status !== 413 && status !== 415;
}
