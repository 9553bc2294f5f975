/* The documents of the root that are pages of the site too. */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ROOT } from '../root.mjs';

/** The page of each, seen from docs. */
export const ROOT_PAGES = {
  'CHANGELOG.md': 'reference/changelog.md',
  'UPGRADING.md': 'reference/upgrading.md',
  'SECURITY.md': 'reference/reporting.md',
};

export function writeRootPages(docs) {
  for (const [file, page] of Object.entries(ROOT_PAGES)) {
    const text = readFileSync(path.join(ROOT, file), 'utf8').replaceAll(
      /(\]\()(?![a-z]+:|#|\/)([^)]+\))/g,
      (_, open, target) => open + path.posix.relative(path.posix.dirname(`docs/${page}`), target),
    );
    writeFileSync(path.join(docs, page), text);
  }
}
