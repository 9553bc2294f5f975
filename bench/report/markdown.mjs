import { SCENARIOS } from '../scenarios/index.mjs';

/** The results as tables, for people. */
export function markdown(results) {
  return [
    heading(results),
    servers(results),
    builds(results),
    growth(results),
    alone(results),
    startup(results),
    memory(results),
    bars(results),
    skipped(results),
  ]
    .filter((part) => part !== undefined)
    .join('\n\n');
}

function heading({ node, cpus, rounds, seconds, versions }) {
  const peers = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  const lines = [
    `Node ${node}, ${cpus} CPUs; medians of ${rounds} rounds of ${seconds} s, with quartiles in brackets.`,
    ...(peers.length > 0 ? ['', `${peers.join(', ')}.`] : []),
  ];
  return lines.join('\n');
}

function servers({ node, loopback = [], inProcess = [] }) {
  const keys = new Set([...loopback, ...inProcess].map(({ key }) => key));
  if (keys.size === 0) return undefined;
  const rows = [...keys].map((key) => {
    const { title, framework } = scenario(key);
    const live = loopback.find((each) => each.key === key);
    const still = inProcess.find((each) => each.key === key);
    return [
      framework,
      title,
      live === undefined ? '' : spread(live.ratio, 2),
      live === undefined ? '' : `${whole(live.guardedRate)} / ${whole(live.bareRate)}`,
      live === undefined ? '' : spread(live.addedMicros, 0),
      still === undefined ? '' : spread(still.addedMicros, 1),
    ];
  });
  const head = [
    `Framework, Node ${node}`,
    'Protection and requests',
    'Protected / bare',
    'req/s',
    'Added CPU µs, loopback',
    'Added CPU µs, in process',
  ];
  return [table(head, rows), ...idle(loopback)].join('\n\n');
}

/** Two lines for a row: by the clock, and by the processor, which others on the machine disturb less. */
function builds({ node, builds: compared, loopback = [], inProcess = [] }) {
  if (compared === undefined) return undefined;
  const lines = [
    ...loopback.map((each) => ({ ...each, measured: 'req/s, loopback' })),
    ...inProcess.map((each) => ({ ...each, measured: 'requests per second of CPU, in process' })),
  ].filter((each) => each.builds !== undefined);
  const keys = new Set(lines.map(({ key }) => key));
  const rows = [...keys].flatMap((key) =>
    lines
      .filter((each) => each.key === key)
      .map(({ measured, builds: { thisRatio, otherRatio, thisByOther } }) => [
        scenario(key).title,
        measured,
        spread(thisRatio, 3),
        spread(otherRatio, 3),
        spread(thisByOther, 3),
      ]),
  );
  const head = [
    `Two builds, Node ${node}`,
    'Measured',
    'Protected / bare, this build',
    'Protected / bare, other build',
    'This / other',
  ];
  const paths = `This build: ${compared.library}\nOther build: ${compared.against}`;
  return `${table(head, rows)}\n\n${paths}`;
}

/** A server that waits for its client makes protection look cheaper than it is. */
function idle(loopback) {
  const least = Math.min(...loopback.map(({ bareBusy }) => bareBusy));
  if (least >= 0.9) return [];
  return [
    `A bare server was busy only ${whole(least * 100)} % of the time: close other programs and try again.`,
  ];
}

function growth({ node, growth: measured }) {
  if (measured === undefined) return undefined;
  const of = (key) => measured.find((each) => each.key === key);
  const rows = measured
    .filter(({ key }) => scenario(key).kind === 'growth')
    .map(({ key, addedMicros }) => {
      const { title, than } = scenario(key);
      return [title, spread(of(than).addedMicros, 1), spread(addedMicros, 1)];
    });
  return table([`Does it grow? Node ${node}`, 'Added CPU µs, few', 'Added CPU µs, many'], rows);
}

function alone({ node, alone: measured }) {
  if (measured === undefined) return undefined;
  const rows = measured.map(({ algorithm, operation, library, micros }) => [
    algorithm,
    operation,
    library,
    spread(micros, 1),
  ]);
  return table([`Tokens alone, Node ${node}`, '', '', 'µs'], rows);
}

function startup({ node, startup: measured }) {
  if (measured === undefined) return undefined;
  const rows = measured.rows.map(({ actions, openMillis, guardedMillis, ratio }) => [
    `${whole(actions)} actions`,
    `${openMillis.toFixed(1)}`,
    `${guardedMillis.toFixed(1)}`,
    spread(ratio, 2),
  ]);
  rows.push(['loading the library', '', spread(measured.loadingMillis, 0), '']);
  return table([`Starting, Node ${node}`, 'ms, open', 'ms, guarded', 'Guarded / open'], rows);
}

function memory({ node, memory: measured }) {
  if (measured === undefined) return undefined;
  const { tokens, bytesPerToken, heapGrowth, rssGrowth } = measured;
  const rows = [
    ['heap', megabytes(heapGrowth.halfway), megabytes(heapGrowth.end)],
    ['RSS', megabytes(rssGrowth.halfway), megabytes(rssGrowth.end)],
  ];
  const head = [
    `Grown by, Node ${node}`,
    `after ${whole(tokens / 2)} tokens`,
    `after ${whole(tokens)} tokens`,
  ];
  return `${table(head, rows)}\n\nWith few tokens, the heap grew by ${whole(bytesPerToken)} bytes for each.`;
}

function bars({ node, bars: compared }) {
  const rows = compared.map(({ goal, value, verdict }) => [
    goal,
    value === undefined ? '' : `${value}`,
    verdict,
  ]);
  return table([`Goal, Node ${node}`, 'Measured', ''], rows);
}

function skipped({ skipped: reasons }) {
  if (reasons.length === 0) return undefined;
  return reasons.map(({ title, reason }) => `Skipped: ${title}: ${reason}`).join('\n');
}

function scenario(key) {
  return SCENARIOS.find((each) => each.key === key);
}

function table(head, rows) {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function spread({ median, q1, q3 }, digits) {
  return `${median.toFixed(digits)} (${q1.toFixed(digits)}–${q3.toFixed(digits)})`;
}

function megabytes(bytes) {
  return `${(bytes / 2 ** 20).toFixed(1)} MB`;
}

function whole(number) {
  return Math.round(number).toLocaleString('en');
}
