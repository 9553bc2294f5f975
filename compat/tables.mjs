/** A page with the tables that the results make, between its marks. */
export function withTables(page, { rows }) {
  return page.replaceAll(/(<!-- rows: (.+) -->\n)[^]*?(<!-- end -->)/g, (_all, start, group, end) => {
    const ours = rows.filter((row) => row.group === group);
    return `${start}\n${table(ours)}\n\n${end}`;
  });
}

function table(rows) {
  const lines = rows.map((row) => [row.name, row.version, said(row)]);
  const widths = [0, 1, 2].map((i) => Math.max(3, ...[HEAD, ...lines].map((line) => line[i].length)));
  const line = (cells) => `| ${cells.map((cell, i) => cell.padEnd(widths[i])).join(' | ')} |`;
  return [line(HEAD), line(widths.map((width) => '-'.repeat(width))), ...lines.map(line)].join('\n');
}

const HEAD = ['with', 'version', 'result'];

function said({ checks, specs, failed, isWritten = false }) {
  if (failed !== undefined) return `refused: ${failed}`;
  if (specs !== undefined) return `${specs} specs pass`;
  return `${checks} checks pass${isWritten ? ', injection written out' : ''}`;
}
