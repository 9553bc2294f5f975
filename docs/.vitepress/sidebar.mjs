/*
 * The pages of docs by task. Each page is here exactly once. Its title is its own heading. A folder stands for its pages
 * in order. Pages that do not exist are left out; a spec names them.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { ROOT } from './root.mjs';

export const GROUPS = [
  { text: 'Tutorial', pages: ['tutorial/'] },
  {
    text: 'Guides',
    pages: [
      'website-and-mobile.md',
      'guards.md',
      'log-in.md',
      'website-with-cookies.md',
      'api-with-headers.md',
      'header-access-cookie-refresh.md',
      'front-end-on-another-origin.md',
      'clients.md',
      'log-out.md',
      'ending-sessions.md',
      'roles.md',
      'step-up.md',
      'oauth-log-in.md',
      'purpose-tokens.md',
      'other-transports.md',
      'keys.md',
      'issuers.md',
      'managers.md',
      'inheritance.md',
      'containers.md',
      'openapi.md',
      'testing.md',
    ],
  },
  {
    text: 'When something is wrong',
    pages: ['why-401.md', 'observability.md'],
  },
  {
    text: 'Coming from',
    pages: ['coming-from-koa-jwt.md', 'coming-from-flask.md', 'coming-from-quart.md'],
  },
  {
    text: 'Security and operations',
    pages: ['security.md', 'routes.md', 'deployment.md', 'performance.md', 'compatibility.md', 'mutation.md'],
  },
  {
    text: 'Reference',
    pages: ['decorators.md', 'manager-methods.md', 'options.md', 'answers.md', 'loaders.md'],
  },
  {
    text: 'From the code',
    pages: [
      'reference/options.md',
      'reference/errors.md',
      'reference/loaders.md',
      'reference/api/main/index.md',
      'reference/api/openapi/index.md',
      'reference/api/redis/index.md',
      'reference/api/testing/index.md',
    ],
  },
  {
    text: 'Releases',
    pages: ['reference/changelog.md', 'reference/upgrading.md', 'reference/reporting.md'],
  },
];

const DOCS = path.join(ROOT, 'docs');

/** The sidebar as VitePress wants it. */
export function sidebar() {
  return GROUPS.map(({ text, pages }) => ({
    text,
    items: pages
      .flatMap(pagesOf)
      .filter((page) => existsSync(path.join(DOCS, page)))
      .map((page) => ({ text: titleOf(page), link: `/${page.replace(/(?:index)?\.md$/, '')}` })),
  })).filter(({ items }) => items.length > 0);
}

/** A folder's pages: its index, then the others by their number. */
export function pagesOf(entry) {
  const folder = path.join(DOCS, entry);
  if (!entry.endsWith('/')) return [entry];
  if (!existsSync(folder)) return [`${entry}index.md`];
  const names = readdirSync(folder).filter((name) => name.endsWith('.md') && name !== 'index.md');
  return ['index.md', ...names.sort((a, b) => parseInt(a) - parseInt(b))].map((name) => entry + name);
}

/** The first heading of a page, without its marks. */
export function titleOf(page) {
  const [, heading] = /^# (.+)$/m.exec(readFileSync(path.join(DOCS, page), 'utf8')) ?? [];
  if (heading === undefined) throw new Error(`docs/${page} has no heading`);
  return heading.replace(/[`*]|\\(?=\W)/g, '').trim();
}
