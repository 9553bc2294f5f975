/*
 * The Markdown of the root and of docs, as GitHub shows it: each relative link leads to a file, each anchor to a heading,
 * and each code block names a language that the site can highlight.
 *
 *     node docs/.vitepress/checkPages.mjs [folder]
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { URL } from 'node:url';
import { bundledLanguages, bundledLanguagesAlias } from 'shiki';
import { createMarkdownRenderer, disposeMdItInstance } from 'vitepress';
import { githubSlug } from './githubSlug.mjs';
import { ROOT } from './root.mjs';

const LANGUAGES = new Set(['text', ...Object.keys(bundledLanguages), ...Object.keys(bundledLanguagesAlias)]);
/** What the site is built from and makes. */
const NOT_OURS = /^docs\/(?:\.vitepress|reference)\//;

if (process.argv[1] === import.meta.filename) {
  const problems = await problemsOfPages(process.argv[2]);
  for (const problem of problems) console.error(problem);
  process.exitCode = problems.length > 0 ? 1 : 0;
}

export async function problemsOfPages(root = ROOT) {
  const md = await createMarkdownRenderer(root, {
    anchor: { slugify: githubSlug },
    attrs: { disable: true },
  });
  const pages = new Map(pagesOf(root).map((file) => [file, contentsOf(md, path.join(root, file))]));
  disposeMdItInstance();
  return [...pages].flatMap(([file, { links, fences }]) => [
    ...links.flatMap(({ href, line }) => {
      const problem = problemOfLink(root, pages, file, href);
      return problem === undefined ? [] : [`${file}:${line}: ${href} ${problem}`];
    }),
    ...fences
      .filter(({ language }) => !LANGUAGES.has(language))
      .map(({ language, line }) =>
        language === ''
          ? `${file}:${line}: a code block without a language`
          : `${file}:${line}: a code block in ${language}, which the site cannot highlight`,
      ),
  ]);
}

function problemOfLink(root, pages, file, href) {
  if (/^[a-z]+:/i.test(href)) return problemOfAddress(href);
  const [, target, anchor] = /^([^#]*)#?(.*)$/.exec(href);
  const to = target === '' ? file : path.posix.join(path.posix.dirname(file), decodeURI(target));
  if (target.startsWith('/') || to.startsWith('../')) return 'leaves the repository';
  if (!existsSync(path.join(root, to))) return 'leads to no file';
  if (anchor === '') return undefined;
  const page = pages.get(to);
  if (page === undefined) return 'has an anchor, and leads to no page';
  return page.anchors.has(decodeURI(anchor)) ? undefined : 'leads to no heading';
}

/** Other sites are not asked. */
function problemOfAddress(href) {
  if (!URL.canParse(href)) return 'is no address';
  const { protocol, hostname } = new URL(href);
  if (protocol === 'https:' || protocol === 'mailto:' || hostname === 'localhost') return undefined;
  return 'is not https';
}

function pagesOf(root) {
  return ['', 'docs']
    .filter((folder) => existsSync(path.join(root, folder)))
    .flatMap((folder) =>
      readdirSync(path.join(root, folder), { recursive: folder !== '', encoding: 'utf8' }).map((name) =>
        path.posix.join(folder, name.replaceAll('\\', '/')),
      ),
    )
    .filter((file) => file.endsWith('.md') && !NOT_OURS.test(file));
}

function contentsOf(md, file) {
  const anchors = new Set();
  const links = [];
  const fences = [];
  let at = 1;
  const visit = (tokens) => {
    for (const token of tokens) {
      if (token.map) at = token.map[0] + 1;
      if (token.type === 'heading_open') anchors.add(token.attrGet('id'));
      if (token.type === 'fence') fences.push({ language: /^[^\s{:]*/.exec(token.info)[0], line: at });
      if (token.type === 'code_block') fences.push({ language: '', line: at });
      if (token.type === 'link_open' && token.attrGet('class') !== 'header-anchor')
        links.push({ href: token.attrGet('href'), line: at });
      if (token.type === 'image') links.push({ href: token.attrGet('src'), line: at });
      if (token.type.startsWith('html_')) {
        for (const [, , href] of token.content.matchAll(/\b(href|src|srcset)="([^"]*)"/g))
          links.push({ href, line: at });
        for (const [, id] of token.content.matchAll(/\b(?:id|name)="([^"]*)"/g)) anchors.add(id);
      }
      visit(token.children ?? []);
    }
  };
  visit(md.parse(readFileSync(file, 'utf8'), {}));
  return { anchors, links, fences };
}
