/**
 * Reports of the public API, one for each entry of `exports` in package.json: what the compiler of a user of the
 * package sees. They are committed, so that a change shows up in review, and fails `npm test` until then.
 *
 *     node api/report.mjs [--write] [--folder=.]
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { Extractor, ExtractorConfig } from '@microsoft/api-extractor';
import { createTwoFilesPatch } from 'diff';

const ROOT = path.dirname(import.meta.dirname);
const SUFFIX = '.api.md';

/** Lines that tell whether something has a comment, which is no change of the API, or that it is public. */
const ABOUT_COMMENTS = /^ *\/\/ (@public|\(undocumented\)|@public \(undocumented\)|\(No @package.*\))\n/gm;

const { values } = parseArgs({
  options: { write: { type: 'boolean', default: false }, folder: { type: 'string', default: ROOT } },
});
const folder = path.resolve(values.folder);
const reportFolder = path.join(folder, 'api');

const reports = makeReports();
const committed = readReports();
if (values.write) write();
else check();

function write() {
  for (const file of committed.keys()) if (!reports.has(file)) rmSync(path.join(reportFolder, file));
  for (const [file, text] of reports) writeFileSync(path.join(reportFolder, file), text);
}

function check() {
  const differing = [...new Set([...committed.keys(), ...reports.keys()])]
    .filter((file) => committed.get(file) !== reports.get(file))
    .sort();
  if (differing.length === 0) return;
  for (const file of differing) {
    const [before, after] = [committed.get(file) ?? '', reports.get(file) ?? ''];
    console.error(createTwoFilesPatch(`api/${file}`, `api/${file}`, before, after, 'committed', 'built'));
  }
  console.error(
    'The public API is not the one that was committed. If it should be: run npm run api and commit.',
  );
  process.exitCode = 1;
}

function readReports() {
  const files = readdirSync(reportFolder).filter((file) => file.endsWith(SUFFIX));
  return new Map(files.map((file) => [file, readFileSync(path.join(reportFolder, file), 'utf8')]));
}

function makeReports() {
  const { name, exports } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'));
  const entries = Object.keys(exports).filter((entry) => entry !== './package.json');
  const main = declarationsOf(exports['.'].types);
  // What other entries take from the main one is in its report: told once, a change is seen once.
  const told = new Set(main.map((declaration) => declaration.replace(/^export /m, '')));
  const isNews = (declaration) => /^(import|export) /m.test(declaration) || !told.has(declaration);
  return new Map(
    entries.map((entry) => {
      const declarations = entry === '.' ? main : declarationsOf(exports[entry].types).filter(isNews);
      const file = `${entry === '.' ? 'index' : entry.slice('./'.length)}${SUFFIX}`;
      return [file, reportOn(path.posix.join(name, entry), declarations)];
    }),
  );
}

function reportOn(entry, declarations) {
  return `# The public API of \`${entry}\`

Written by \`npm run api\`, not by hand. What has no \`export\` cannot be imported, but is part of what can.

\`\`\`ts
${declarations.join('\n\n')}
\`\`\`
`;
}

/** All that a file of types exports, and all that its exports refer to in this package, in alphabetical order. */
function declarationsOf(types) {
  const temporary = mkdtempSync(path.join(tmpdir(), 'api-report-'));
  try {
    const configObject = {
      projectFolder: folder,
      mainEntryPointFilePath: path.join(folder, types),
      newlineKind: 'lf',
      compiler: { tsconfigFilePath: path.join(ROOT, 'tsconfig.build.json') },
      apiReport: {
        enabled: true,
        reportFileName: 'report',
        reportFolder: temporary,
        reportTempFolder: temporary,
        includeForgottenExports: true,
      },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      messages: {
        compilerMessageReporting: { default: { logLevel: 'error' } },
        // About release tags, exports and documentation that this package does without.
        extractorMessageReporting: { default: { logLevel: 'none' } },
        tsdocMessageReporting: { default: { logLevel: 'none' } },
      },
    };
    const packageJsonFullPath = path.join(folder, 'package.json');
    const config = ExtractorConfig.prepare({ configObject, packageJsonFullPath });
    const { succeeded } = Extractor.invoke(config, { localBuild: true, messageCallback: hidePreamble });
    if (!succeeded) throw new Error(`API Extractor does not understand ${types}`);

    const report = readFileSync(path.join(temporary, `report${SUFFIX}`), 'utf8');
    const code = report.slice(report.indexOf('```ts\n') + '```ts\n'.length, report.lastIndexOf('```'));
    return code
      .replace(ABOUT_COMMENTS, '')
      .trim()
      .split(/\n{2,}/);
  } finally {
    rmSync(temporary, { recursive: true });
  }
}

function hidePreamble(message) {
  if (message.messageId === 'console-preamble') message.handled = true;
}
