/*
 * Builds the site into docs/.vitepress/dist, after `npm run build`. It fails if a link, an anchor, a code block or a doc
 * comment is broken. `DOCS_BASE=/jwt/` builds it for a folder of its host.
 */
import path from 'node:path';
import { build } from 'vitepress';
import { problemsOfPages } from './checkPages.mjs';
import { problemsOfSite } from './checkSite.mjs';
import { ROOT } from './root.mjs';

stopAt(await problemsOfPages());
await import('./reference/write.mjs');
// The configuration lists the pages, so it is read after they are made.
await build(path.join(ROOT, 'docs'));
stopAt(problemsOfSite(path.join(import.meta.dirname, 'dist'), process.env.DOCS_BASE));

function stopAt(problems) {
  if (problems.length === 0) return;
  for (const problem of problems) console.error(problem);
  process.exit(1);
}
