/** The quartiles of some numbers, interpolated. */
export function quartiles(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  const at = (part) => {
    const place = (sorted.length - 1) * part;
    const below = Math.floor(place);
    const above = Math.ceil(place);
    return sorted[below] + (sorted[above] - sorted[below]) * (place - below);
  };
  return { median: at(0.5), q1: at(0.25), q3: at(0.75) };
}

export function median(numbers) {
  return quartiles(numbers).median;
}
