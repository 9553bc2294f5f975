/**
 * Whether an answer has to be waited for. By its method, for an application may have put another Promise in the place
 * of the global one: then no promise of an async function is an instance of it, and a refusal would be passed by.
 */
export function isPromise<Answer>(answer: Answer | Promise<Answer>): answer is Promise<Answer> {
  return typeof (answer as Partial<Promise<Answer>> | undefined | null)?.then === 'function';
}
