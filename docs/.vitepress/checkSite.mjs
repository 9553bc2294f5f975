/*
 * The built site: each link within it leads to a file and an id, and nothing is loaded from another host.
 *
 *     node docs/.vitepress/checkSite.mjs folder [base]
 */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { URL } from 'node:url';

/** Only to resolve links. */
const ORIGIN = 'http://site.invalid';

if (process.argv[1] === import.meta.filename) {
  const [, , folder, base] = process.argv;
  const problems = problemsOfSite(folder, base);
  for (const problem of problems) console.error(problem);
  process.exitCode = problems.length > 0 ? 1 : 0;
}

export function problemsOfSite(folder, base = '/') {
  const files = new Set(
    readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((file) => file.replaceAll('\\', '/')),
  );
  const read = (file) => readFileSync(path.join(folder, file), 'utf8');
  const pages = new Map(
    [...files].filter((file) => file.endsWith('.html')).map((file) => [file, read(file)]),
  );
  const ids = new Map([...pages].map(([file, text]) => [file, idsOf(text)]));

  const problemOf = (page, { tag, address }) => {
    const url = new URL(address, ORIGIN + base + page);
    if (url.protocol === 'data:') return undefined;
    if (url.origin !== ORIGIN) return tag === 'a' ? undefined : 'is loaded from another host';
    if (!url.pathname.startsWith(base)) return 'leaves the site';
    const pathname = decodeURI(url.pathname.slice(base.length));
    const file = pathname === '' || pathname.endsWith('/') ? `${pathname}index.html` : pathname;
    if (!files.has(file)) return 'leads to no file';
    const id = decodeURIComponent(url.hash.slice(1));
    return id === '' || ids.get(file)?.has(id) ? undefined : 'leads to no heading';
  };

  const inPages = [...pages].flatMap(([page, text]) =>
    addressesOf(text).flatMap((each) => {
      const problem = problemOf(page, each);
      return problem === undefined ? [] : [`${page}: ${each.address} ${problem}`];
    }),
  );
  const inStyles = [...files]
    .filter((file) => file.endsWith('.css'))
    .filter((file) => /(?:url\(|@import)\s*["']?(?:https?:)?\/\//.test(read(file)))
    .map((file) => `${file} loads from another host`);
  return [...new Set([...inPages, ...inStyles])];
}

/** What a page links to and loads. */
function addressesOf(text) {
  return [...text.matchAll(/<(a|img|link|script|source|iframe)\b[^>]*?\s(?:href|src)="([^"]*)"/g)].map(
    ([, tag, address]) => ({ tag, address: address.replaceAll('&amp;', '&') }),
  );
}

function idsOf(text) {
  return new Set([...text.matchAll(/\sid="([^"]*)"/g)].map(([, id]) => id.replaceAll('&amp;', '&')));
}
