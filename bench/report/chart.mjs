import { isOurs, scenarioOf } from '../scenarios/index.mjs';

const WIDTH = 870;
const TOP = 64;
const ROW = 26;
const BAR = 16;
const LABELS = 480;
const LENGTH = 300;

// Has its own background, because a page may be dark when the reader's system is not.
const STYLE = `
    .page { fill: #ffffff; }
    text { font: 13px system-ui, sans-serif; fill: #24292f; }
    .title { font-size: 15px; font-weight: 600; }
    .quiet { fill: #57606a; }
    .line { stroke: #8c959f; }
    .ours { fill: #1a7f37; }
    .peer { fill: #8c959f; }
    .spread { stroke: #24292f; stroke-width: 1.5; }
    .floor { stroke: #cf222e; stroke-width: 2; }
    @media (prefers-color-scheme: dark) {
      .page { fill: #0d1117; }
      text { fill: #e6edf3; }
      .quiet { fill: #9198a1; }
      .ours { fill: #3fb950; }
      .peer { fill: #768390; }
      .spread { stroke: #e6edf3; }
      .floor { stroke: #ff7b72; }
    }`;

/**
 * A chart of protected / bare requests per second, ours and its peers, with 95 % intervals. A red mark is what a guard
 * by hand reaches that does the least.
 */
export function chart({ node, loopback }) {
  const rows = loopback
    .map(({ key, ratio, floorRatio }) => ({ ...scenarioOf(key), ratio, floorRatio }))
    .filter(({ kind }) => kind === 'peer' || isOurs({ kind }));
  const bottom = TOP + rows.length * ROW;
  const height = bottom + 28;
  const title = `Requests per second, protected / unprotected, over loopback, Node ${node}`;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${escaped(title)}">
  <title>${escaped(title)}</title>
  <style>${STYLE}
  </style>
  <rect class="page" width="${WIDTH}" height="${height}" rx="8"/>
  <text class="title" x="12" y="24">${escaped(title)}</text>
  <text class="quiet" x="12" y="44">1.00: protection costs nothing. Compared with the same framework, bare. Lines: 95 % intervals; red: the least by hand.</text>
${rows.map(bar).join('\n')}
  <line class="line" x1="${LABELS}" y1="${TOP - 4}" x2="${LABELS}" y2="${bottom}"/>
  <line class="line" x1="${LABELS + LENGTH}" y1="${TOP - 4}" x2="${LABELS + LENGTH}" y2="${bottom}" stroke-dasharray="4 4"/>
  <text class="quiet" x="${LABELS}" y="${bottom + 18}" text-anchor="middle">0</text>
  <text class="quiet" x="${LABELS + LENGTH}" y="${bottom + 18}" text-anchor="middle">1</text>
</svg>
`;
}

function bar({ title, kind, framework, ratio: { median, low, high }, floorRatio }, i) {
  const label = kind === 'peer' ? `${framework}: ${title}` : title;
  const y = TOP + i * ROW;
  const middle = y + BAR / 2;
  const marks = [median, high, floorRatio?.median ?? 0];
  const end = LABELS + Math.max(...marks.map(lengthOf));
  return [
    `  <text x="${LABELS - 8}" y="${y + 13}" text-anchor="end">${escaped(label)}</text>`,
    `  <rect class="${isOurs({ kind }) ? 'ours' : 'peer'}" x="${LABELS}" y="${y}" width="${lengthOf(median)}" height="${BAR}" rx="2"/>`,
    line('spread', [LABELS + lengthOf(low), middle], [LABELS + lengthOf(high), middle]),
    ...[low, high].map((each) =>
      line('spread', [LABELS + lengthOf(each), y + 4], [LABELS + lengthOf(each), y + BAR - 4]),
    ),
    ...(floorRatio === undefined
      ? []
      : [
          line(
            'floor',
            [LABELS + lengthOf(floorRatio.median), y - 2],
            [LABELS + lengthOf(floorRatio.median), y + BAR + 2],
          ),
        ]),
    `  <text x="${end + 6}" y="${y + 13}">${median.toFixed(2)}</text>`,
  ].join('\n');
}

function line(name, [x1, y1], [x2, y2]) {
  return `  <line class="${name}" x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}"/>`;
}

function lengthOf(ratio) {
  return Math.round(Math.min(ratio, 1.1) * LENGTH);
}

function escaped(text) {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
