/** By its method, because an application may have replaced the global Promise. */
export function isThenable<Result>(value: Result | PromiseLike<Result>): value is PromiseLike<Result> {
  return typeof (value as Partial<PromiseLike<Result>> | undefined | null)?.then === 'function';
}
