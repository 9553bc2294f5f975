import { defineConfig } from 'vitepress';
import { githubSlug } from './githubSlug.mjs';
import { outsideLinks } from './outsideLinks.mjs';
import { sidebar } from './sidebar.mjs';
import { wideContents } from './wideContents.mjs';

const NAME = 'routing-controllers-jwt-extended';

export default defineConfig({
  title: NAME,
  description: 'JSON Web Tokens for routing-controllers on Koa',
  lang: 'en',
  /** A folder of its host, such as `/jwt/`. */
  base: process.env.DOCS_BASE ?? '/',
  // Icons and fonts would be requests to other hosts.
  head: [['link', { rel: 'icon', href: 'data:,' }]],
  markdown: {
    theme: { light: 'github-light-high-contrast', dark: 'github-dark-high-contrast' },
    anchor: { slugify: githubSlug },
    config: (md) => {
      md.use(outsideLinks).use(wideContents);
    },
  },
  themeConfig: {
    // The name of the package is wider than the sidebar.
    siteTitle: 'JWT for routing-controllers',
    nav: [
      { text: 'Tutorial', link: '/tutorial/', activeMatch: '^/tutorial/' },
      { text: 'Options', link: '/options' },
      { text: 'API', link: '/reference/api/main/', activeMatch: '^/reference/api/' },
      { text: 'Changes', link: '/reference/changelog' },
    ],
    sidebar: sidebar(),
    outline: [2, 3],
    search: { provider: 'local' },
    externalLinkIcon: true,
  },
  transformPageData(page) {
    // One table each, with many columns.
    if (/^reference\/(?:options|errors|loaders)\.md$/.test(page.relativePath)) page.frontmatter.aside = false;
    // Not in the page itself: GitHub would show it as a table.
    if (page.relativePath === 'index.md')
      Object.assign(page.frontmatter, {
        sidebar: false,
        aside: false,
        pageClass: 'landing',
        next: false,
        prev: false,
      });
  },
});
