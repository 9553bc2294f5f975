/**
 * Measures each side of a round, one after the other; returns the results by the names of the sides. Every second
 * round is the one before it backwards, and each such pair begins with the next side. Three sides come in all their
 * six orders, so that a machine that becomes slower or faster favours none; to rotate alone would let one of them
 * follow another in two rounds of three, which a median takes for a difference.
 */
export async function inTurn(round, sides, measure) {
  const names = Object.keys(sides);
  const first = Math.floor(round / 2) % names.length;
  const order = [...names.slice(first), ...names.slice(0, first)];
  const results = {};
  for (const name of round % 2 === 0 ? order : order.toReversed()) results[name] = await measure(sides[name]);
  return results;
}
