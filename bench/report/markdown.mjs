import { compared } from '../measure/statistics.mjs';
import { scenarioOf } from '../scenarios/index.mjs';
import { spread, table, whole } from './text.mjs';

/** The results as tables, for people. Every row names its Node. */
export function markdown(results) {
  return [
    heading(results),
    servers(results),
    inProcess(results),
    counts(results),
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
    `Node ${node}, ${cpus} CPUs; medians of ${rounds} rounds of ${seconds} s, with 95 % intervals in brackets.`,
    ...(peers.length > 0 ? ['', `${peers.join(', ')}.`] : []),
  ];
  return lines.join('\n');
}

function servers({ loopback = [] }) {
  if (loopback.length === 0) return undefined;
  const rows = loopback.map((each) => {
    const { title, framework, than } = scenarioOf(each.key);
    const { bare, guarded, floor } = each.rates;
    return [
      each.node,
      framework,
      title,
      spread(each.ratio, 2),
      spread(each.byFloor, 2),
      saidOf(each.byFloor),
      spread(each.floorRatio, 2),
      each.byThan === undefined ? '' : `${spread(each.byThan, 2)} of ${scenarioOf(than).title}`,
      spread(each.byCpu.ratio, 2),
      spread(each.byCpu.byFloor, 2),
      [guarded, floor, bare].map((rate) => (rate === undefined ? '–' : whole(rate))).join(' / '),
      spread(each.addedMicros, 0),
      spread(each.floorMicros, 0),
    ];
  });
  const head = [
    'Node, loopback',
    'Framework',
    'Protection and requests',
    'Protected / bare',
    'Ours / floor',
    '',
    'Floor / bare',
    'Ours / other',
    'Protected / bare, by CPU',
    'Ours / floor, by CPU',
    'req/s, floor, bare',
    'Added CPU µs',
    'by the floor',
  ];
  return [table(head, rows), ...idle(loopback), ...unsettled(loopback)].join('\n\n');
}

function saidOf(ratio) {
  if (ratio === undefined) return '';
  return { above: 'faster', below: 'slower' }[compared(ratio)] ?? 'no difference';
}

function inProcess({ inProcess: measured = [] }) {
  if (measured.length === 0) return undefined;
  const rows = measured.map(({ key, node, bareMicros, addedMicros, floorMicros }) => {
    const { title, framework } = scenarioOf(key);
    const bare = bareMicros.toFixed(1);
    return [node, framework, title, bare, spread(addedMicros, 1), spread(floorMicros, 1)];
  });
  const head = [
    'Node, in process',
    'Framework',
    'Protection and requests',
    'CPU µs, bare',
    'Added',
    'by the floor',
  ];
  return table(head, rows);
}

function counts({ counts: measured = [] }) {
  if (measured.length === 0) return undefined;
  const rows = measured.map(({ key, node, counts: { bare, guarded, floor } }) => {
    const added = (what) =>
      [floor, guarded].map((side) => (side === undefined ? '–' : whole(side[what] - bare[what]))).join(' / ');
    return [node, scenarioOf(key).title, added('functions'), added('promises'), added('bytes')];
  });
  const head = [
    'Node, a request adds, floor / ours',
    'Protection and requests',
    'Functions entered',
    'Promises',
    'Bytes, not compiled',
  ];
  return table(head, rows);
}

/** Two lines for a row: by the clock, and by the processor, which others on the machine disturb less. */
function builds({ builds: paths, loopback = [], inProcess: still = [] }) {
  if (paths === undefined) return undefined;
  const lines = [
    ...loopback.map((each) => ({ ...each, measured: 'req/s, loopback' })),
    ...still.map((each) => ({ ...each, measured: 'requests per second of CPU, in process' })),
  ].filter((each) => each.thisByOther !== undefined);
  const keys = new Set(lines.map(({ key }) => key));
  const rows = [...keys].flatMap((key) =>
    lines
      .filter((each) => each.key === key)
      .map(({ node, measured, ratio, otherRatio, thisByOther }) => [
        node,
        scenarioOf(key).title,
        measured,
        spread(ratio, 3),
        spread(otherRatio, 3),
        spread(thisByOther, 3),
        saidOf(thisByOther),
      ]),
  );
  const head = [
    'Node, two builds',
    'Protection and requests',
    'Measured',
    'Protected / bare, this build',
    'Protected / bare, other build',
    'This / other',
    '',
  ];
  return `${table(head, rows)}\n\nThis build: ${paths.library}\nOther build: ${paths.against}`;
}

/** A server that waits for its client makes protection look cheaper than it is. */
function idle(loopback) {
  const least = Math.min(...loopback.map(({ bareBusy }) => bareBusy));
  if (least >= 0.9) return [];
  return [
    `A bare server was busy only ${whole(least * 100)} % of the time: close other programs and try again.`,
  ];
}

/** Nor was a server ready that became faster while it was measured. */
function unsettled(loopback) {
  const rows = loopback.filter(({ settling }) => Object.values(settling).some((each) => each < 0.9));
  if (rows.length === 0) return [];
  const titles = rows.map(({ key }) => scenarioOf(key).title);
  return [
    `Became faster by more than a tenth while they were measured, so do not quote: ${titles.join('; ')}.`,
  ];
}

function growth({ growth: measured }) {
  if (measured === undefined) return undefined;
  const of = (key) => measured.find((each) => each.key === key);
  const rows = measured
    .filter(({ key }) => scenarioOf(key).kind === 'growth')
    .map(({ key, node, addedMicros }) => {
      const { title, than } = scenarioOf(key);
      return [node, title, spread(of(than)?.addedMicros, 1), spread(addedMicros, 1)];
    });
  return table(['Node, does it grow?', '', 'Added CPU µs, few', 'Added CPU µs, many'], rows);
}

function alone({ alone: measured }) {
  if (measured === undefined) return undefined;
  const rows = measured.map(({ node, algorithm, operation, library, micros }) => [
    node,
    algorithm,
    operation,
    library,
    spread(micros, 1),
  ]);
  return table(['Node, tokens alone', '', '', '', 'µs'], rows);
}

function startup({ startup: measured }) {
  if (measured === undefined) return undefined;
  const rows = measured.rows.flatMap(({ node, actions, building, whole: start }) =>
    Object.entries({ 'of all, with loading': start, 'to declare and build': building }).map(
      ([what, each]) => [
        node,
        `${whole(actions)} actions, ms ${what}`,
        each.openMillis.toFixed(1),
        each.guardedMillis.toFixed(1),
        spread(each.ratio, 2),
      ],
    ),
  );
  rows.push([measured.node, 'ms to load the library', '', spread(measured.loadingMillis, 0), '']);
  return table(['Node, starting', '', 'Open', 'Guarded', 'Guarded / open'], rows);
}

function memory({ node, memory: measured }) {
  if (measured === undefined) return undefined;
  const { tokens, bytesPerToken, heapGrowth, rssGrowth } = measured;
  const rows = [
    [node, 'heap', megabytes(heapGrowth.halfway), megabytes(heapGrowth.end)],
    [node, 'RSS', megabytes(rssGrowth.halfway), megabytes(rssGrowth.end)],
  ];
  const head = ['Node, grown by', '', `after ${whole(tokens / 2)} tokens`, `after ${whole(tokens)} tokens`];
  return `${table(head, rows)}\n\nWith few tokens, the heap grew by ${whole(bytesPerToken)} bytes for each.`;
}

function bars({ bars: measured }) {
  const rows = measured.map(({ goal, bar, node, value, verdict }) => [
    node,
    goal,
    bar,
    spread(value, 2),
    verdict,
  ]);
  return table(['Node, goals', '', 'Bar', 'Measured', ''], rows);
}

function skipped({ skipped: reasons }) {
  if (reasons.length === 0) return undefined;
  return reasons.map(({ title, reason }) => `Skipped: ${title}: ${reason}`).join('\n');
}

function megabytes(bytes) {
  return `${(bytes / 2 ** 20).toFixed(1)} MB`;
}
