/*
 * Links that leave docs, such as ../README.md, are relative for readers on GitHub. On the site they lead to the page
 * that the site makes of the file, or to the file in the repository that package.json names, or, while it names none,
 * to the package as it is published. What is in neither stays text.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { ROOT_PAGES } from './reference/writeRootPages.mjs';
import { ROOT } from './root.mjs';

const { name, version, files, repository } = JSON.parse(
  readFileSync(path.join(ROOT, 'package.json'), 'utf8'),
);

/** Where a link of a page leads on the site; null where it cannot lead anywhere. */
export function addressOf(href, page) {
  if (/^(?:[a-z]+:|#|\/)/i.test(href)) return href;
  const [, target, anchor] = /^([^#]*)(.*)$/.exec(href);
  const file = path.posix.join('docs', path.posix.dirname(page), target);
  if (file in ROOT_PAGES)
    return `${path.posix.relative(path.posix.dirname(page), ROOT_PAGES[file])}${anchor}`;
  // The documents of the root link to docs/….
  if (file.startsWith('docs/')) return href;
  const base = repositoryUrl();
  if (base !== undefined) return `${base}/blob/main/${file}${anchor}`;
  const isShipped = files.some((each) => file === each || file.startsWith(`${each}/`));
  return isShipped ? `https://unpkg.com/${name}@${version}/${file}${anchor}` : null;
}

function repositoryUrl() {
  const url = typeof repository === 'string' ? repository : repository?.url;
  return url
    ?.replace(/^(?:github:)?([\w.-]+\/[\w.-]+)$/, 'https://github.com/$1')
    .replace(/^git\+/, '')
    .replace(/\.git$/, '');
}

/** For markdown-it. */
export function outsideLinks(md) {
  md.core.ruler.push('outside-links', ({ tokens, env }) => {
    for (const { children } of tokens) {
      let isText = false;
      for (const token of children ?? []) {
        if (token.type === 'link_close' && isText) {
          token.tag = 'span';
          isText = false;
        }
        if (token.type !== 'link_open' || token.attrGet('class') === 'header-anchor') continue;
        const address = addressOf(token.attrGet('href'), env.relativePath ?? 'index.md');
        if (address !== null) token.attrSet('href', address);
        else {
          token.type = 'span_open';
          token.tag = 'span';
          token.attrs = [];
          isText = true;
        }
      }
    }
  });
}
