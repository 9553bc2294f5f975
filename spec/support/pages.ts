import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { ROOT } from './root';

/** What is made when the site is built, and how it is built: no documents of ours. */
const NOT_OURS = /^docs\/(?:\.vitepress|reference)\//;

/** The files below docs, by their path in the repository. */
export function filesOfDocs(): string[] {
  const folder = path.join(ROOT, 'docs');
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(ROOT, path.join(entry.parentPath, entry.name)).split(path.sep).join('/'))
    .filter((file) => !NOT_OURS.test(file))
    .sort();
}

/** The documents below docs, such as docs/keys.md. */
export function pagesOfDocs(): string[] {
  return filesOfDocs().filter((file) => file.endsWith('.md'));
}
