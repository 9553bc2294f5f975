/**
 * The known names that a wrong one may mean, the likeliest first: a misspelt one alone, or the ones with most words in
 * common, as JWT_SECRET has one with JWT_SECRET_KEY. `prefix` is what all of them begin with.
 */
export function closeNames(name: string, known: readonly string[], prefix = ''): string[] {
  const byDistance = known
    .map((candidate) => ({ candidate, distance: editDistance(name.toLowerCase(), candidate.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance)[0];
  if (byDistance !== undefined && byDistance.distance <= 3) return [byDistance.candidate];
  const byWords = known.map((candidate) => ({ candidate, words: wordsOf(candidate, prefix), score: 0 }));
  for (const word of wordsOf(name, prefix)) {
    const having = byWords.filter(({ words }) => words.some((other) => isAlike(word, other)));
    // A word that few names have says more about which one is meant.
    for (const each of having) each.score += 1 / having.length;
  }
  const most = Math.max(...byWords.map(({ score }) => score));
  return most === 0 ? [] : byWords.filter(({ score }) => score === most).map(({ candidate }) => candidate);
}

/** The words of a name like `secretKey` or `JWT_SECRET_KEY`, in lower case. */
function wordsOf(name: string, prefix: string): string[] {
  const rest = name.startsWith(prefix) ? name.slice(prefix.length) : name;
  const spaced = rest.replace(/([a-z0-9])([A-Z])/g, '$1 $2').toLowerCase();
  return spaced.split(/[^a-z0-9]+/).filter((word) => word.length > 2);
}

/** Whether one word begins with the other, as `algorithm` with `alg`. */
function isAlike(word: string, other: string): boolean {
  return other.startsWith(word) || word.startsWith(other);
}

/** Levenshtein's distance, row by row. */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let i = 1; i <= from.length; i++) {
    const next = [i];
    for (let j = 1; j <= to.length; j++) {
      const substituted = at(row, j - 1) + (from[i - 1] === to[j - 1] ? 0 : 1);
      next.push(Math.min(at(row, j) + 1, at(next, j - 1) + 1, substituted));
    }
    row = next;
  }
  return at(row, to.length);
}

function at(row: readonly number[], column: number): number {
  return row[column] ?? Infinity;
}
