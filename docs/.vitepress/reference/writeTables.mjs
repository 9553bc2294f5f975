/* The reference that is made from the tables in the code: a row for each option, error and loader. */
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import ts from 'typescript';
import { ROOT } from '../root.mjs';

const load = createRequire(path.join(ROOT, 'package.json'));

export function writeTables(folder) {
  const write = (name, text) => writeFileSync(path.join(folder, name), text);
  write('options.md', optionsPage());
  write('errors.md', errorsPage());
  write('loaders.md', loadersPage());
}

/** The value of an option that has no default is what its comment says. */
function optionsPage() {
  const { configOptions } = load('./dist/config/option.js');
  const { JwtConfig } = load('./dist/config/JwtConfig.js');
  const defaults = new JwtConfig({});
  const comments = commentsOf('src/config/OptionTable.ts');
  const rows = [...configOptions].map(([name, { expects, variable, fromText }]) => [
    code(name),
    fromText === undefined ? 'none' : code(`JWT_${variable}`),
    expects,
    defaults[name] === undefined ? '' : code(asText(defaults[name])),
    comments.get(name),
  ]);
  return page(
    'Option table',
    'Every option of `new JwtManager({ … })`, as `src/config/OptionTable.ts` declares it.',
    ['option', 'variable', 'must be', 'default', 'what it is'],
    rows,
  );
}

function errorsPage() {
  const errors = load('./dist/errors.js');
  const comments = commentsOf('src/errors.ts');
  const rows = Object.entries(errors)
    .filter(([, error]) => error.prototype instanceof errors.JwtError)
    .map(([name, error]) => [name, sampleOf(error)])
    // The abstract ones have no code.
    .filter(([, { code: given }]) => given !== undefined)
    .map(([name, error]) => [
      code(error.code),
      code(name),
      String(error.status),
      error.message === REASON ? 'the reason' : code(error.message),
      error.challenge === undefined ? 'none' : code(error.challenge),
      code(error.event ?? 'refusal'),
      comments.get(name),
    ]);
  return page(
    'Error table',
    'Every refusal, as `src/errors.ts` declares it. The challenge is the `error` of `WWW-Authenticate: Bearer`.',
    ['code', 'class', 'status', 'message', 'challenge', 'loader', 'when'],
    rows,
  );
}

const REASON = '…';

/** The constructor takes the message, a verified token, or the cause. */
function sampleOf(error) {
  const sample = new error(REASON);
  return sample.token === REASON ? new error({ identity: REASON }) : sample;
}

function loadersPage() {
  const text = readFileSync(path.join(ROOT, 'src/decorator/loaders.ts'), 'utf8');
  const comments = commentsOf('src/decorator/loaders.ts');
  const events = new Map(
    [
      ...readFileSync(path.join(ROOT, 'src/loader/LoaderEvents.ts'), 'utf8').matchAll(
        /^ {2}(\w+): \{ receives: (\w+); returns: (.+) \};$/gm,
      ),
    ].map(([, event, receives, returns]) => [event, { receives, returns }]),
  );
  const rows = [...text.matchAll(/loaderDecorator\(\s*'(\w+)',\s*'(\w+)'/g)].map(([, name, event]) => [
    code(`@${name}()`),
    code(event),
    code(events.get(event).receives),
    code(events.get(event).returns),
    comments.get(name),
  ]);
  return page(
    'Loader table',
    'Every loader, as `src/decorator/loaders.ts` and `src/loader/LoaderEvents.ts` declare it. It may return a promise.',
    ['decorator', 'event', 'receives', 'returns', 'what it does'],
    rows,
  );
}

/** The doc comments of the classes, variables and properties of a file, by their name. */
function commentsOf(file) {
  const source = ts.createSourceFile(
    file,
    readFileSync(path.join(ROOT, file), 'utf8'),
    ts.ScriptTarget.ES2022,
    true,
  );
  const comments = new Map();
  const visit = (node) => {
    const [doc] = node.jsDoc?.slice(-1) ?? [];
    const name = node.name ?? node.declarationList?.declarations[0]?.name;
    if (doc !== undefined && name !== undefined)
      comments.set(name.text, ts.getTextOfJSDocComment(doc.comment).replace(/\s*\n\s*/g, ' '));
    ts.forEachChild(node, visit);
  };
  visit(source);
  return comments;
}

function page(title, lead, head, rows) {
  for (const row of rows)
    if (row.some((cell) => cell === undefined)) throw new Error(`${title}: ${row[0]} lacks a comment`);
  const line = (cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return `# ${title}\n\n${lead}\n\n${[line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')}\n`;
}

function code(text) {
  return `\`${text}\``;
}

function asText(value) {
  return Array.isArray(value)
    ? value.join(', ')
    : typeof value === 'string'
      ? value || "''"
      : JSON.stringify(value);
}
