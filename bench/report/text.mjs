/** A table in Markdown, its columns of equal width. */
export function table(head, rows) {
  const widths = head.map((_, i) => Math.max(3, ...[head, ...rows].map((cells) => cells[i].length)));
  const line = (cells) => `| ${cells.map((cell, i) => cell.padEnd(widths[i])).join(' | ')} |`;
  return [head, widths.map((width) => '-'.repeat(width)), ...rows].map(line).join('\n');
}

/** A median with its interval; nothing if it was not measured. */
export function spread(measured, digits) {
  if (measured === undefined) return '';
  const { median, low, high } = measured;
  if (low === high) return median.toFixed(digits);
  return `${median.toFixed(digits)} (${low.toFixed(digits)}–${high.toFixed(digits)})`;
}

export function whole(number) {
  return Math.round(number).toLocaleString('en');
}
