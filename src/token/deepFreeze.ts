/** Freezes what JSON.parse has made, all the way down; its depth is bounded by parseJsonObject. */
export function deepFreeze<T extends object>(value: T): T {
  for (const each of Object.values(value) as unknown[]) {
    if (typeof each === 'object' && each !== null) deepFreeze(each);
  }
  return Object.freeze(value);
}
