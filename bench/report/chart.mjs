import { isOurs, SCENARIOS } from '../scenarios/index.mjs';

const WIDTH = 840;
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
    @media (prefers-color-scheme: dark) {
      .page { fill: #0d1117; }
      text { fill: #e6edf3; }
      .quiet { fill: #9198a1; }
      .ours { fill: #3fb950; }
      .peer { fill: #768390; }
    }`;

/** A chart of protected / bare requests per second, the library's scenarios first. */
export function chart({ node, loopback }) {
  const rows = loopback.map(({ key, ratio }) => ({ ...SCENARIOS.find((each) => each.key === key), ratio }));
  const bottom = TOP + rows.length * ROW;
  const height = bottom + 28;
  const title = `Requests per second, protected / unprotected, over loopback, Node ${node}`;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${escaped(title)}">
  <title>${escaped(title)}</title>
  <style>${STYLE}
  </style>
  <rect class="page" width="${WIDTH}" height="${height}" rx="8"/>
  <text class="title" x="12" y="24">${escaped(title)}</text>
  <text class="quiet" x="12" y="44">1.00: protection costs nothing. Each is compared with the bare version of its own framework.</text>
${rows.map(bar).join('\n')}
  <line class="line" x1="${LABELS}" y1="${TOP - 4}" x2="${LABELS}" y2="${bottom}"/>
  <line class="line" x1="${LABELS + LENGTH}" y1="${TOP - 4}" x2="${LABELS + LENGTH}" y2="${bottom}" stroke-dasharray="4 4"/>
  <text class="quiet" x="${LABELS}" y="${bottom + 18}" text-anchor="middle">0</text>
  <text class="quiet" x="${LABELS + LENGTH}" y="${bottom + 18}" text-anchor="middle">1</text>
</svg>
`;
}

function bar({ title, kind, framework, ratio: { median } }, i) {
  const label = kind === 'peer' ? `${framework}: ${title}` : title;
  const y = TOP + i * ROW;
  const width = Math.round(Math.min(median, 1.1) * LENGTH);
  return [
    `  <text x="${LABELS - 8}" y="${y + 13}" text-anchor="end">${escaped(label)}</text>`,
    `  <rect class="${isOurs({ kind }) ? 'ours' : 'peer'}" x="${LABELS}" y="${y}" width="${width}" height="${BAR}" rx="2"/>`,
    `  <text x="${LABELS + width + 6}" y="${y + 13}">${median.toFixed(2)}</text>`,
  ].join('\n');
}

function escaped(text) {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
