const MAX_SECONDS = 10;

/** Removes parts of a text as long as `isAsGood` holds: large ones first, then single characters. */
export async function shorten(text, isAsGood, maxRuns) {
  const end = performance.now() + MAX_SECONDS * 1000;
  let short = text;
  let runs = 0;
  for (let size = Math.ceil(short.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let at = 0; at < short.length && runs < maxRuns && performance.now() < end;) {
      const candidate = short.slice(0, at) + short.slice(at + size);
      runs++;
      if (await isAsGood(candidate)) short = candidate;
      else at += size;
    }
  }
  return short;
}
