import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import axe from 'axe-core';
import { expect } from 'chai';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { hasBrowser, itHasNoBrowser, startBrowser } from '../browser/startBrowser';
import { configOptions } from '../../src/config/option';
import { JwtConfig } from '../../src/index';
import { run } from '../support/Program';
import { ROOT } from '../support/root';
import { StaticSite } from '../support/StaticSite';

const BUILT = path.join(ROOT, 'docs/.vitepress/dist');
const PATIENCE = 20_000;
const PHONE = { width: 390, height: 844 };
const DESKTOP = { width: 1280, height: 900 };
/** A landing page, a guide, a page of wide tables, the pages that are made from the code. */
const PAGES = ['', 'keys.html', 'options.html', 'reference/errors.html', 'reference/api/testing/'];

const read = (file: string): string => readFileSync(path.join(ROOT, file), 'utf8');

describe('The documentation site', function () {
  this.timeout(600_000);
  before('is built', async () => {
    await run(process.execPath, ['docs/.vitepress/build.mjs'], { cwd: ROOT, env: { DOCS_BASE: undefined } });
  });

  it('has a page for each document, and for each table in the code', () => {
    const built = readdirSync(BUILT, { recursive: true, encoding: 'utf8' });
    expect(built).to.include.members([
      ...['index.html', 'keys.html', 'reference/options.html', 'reference/errors.html'],
      ...['reference/loaders.html', 'reference/changelog.html', 'reference/upgrading.html'],
      ...['main', 'openapi', 'redis', 'testing'].map((entry) => `reference/api/${entry}/index.html`),
    ]);
  });

  it('makes a row of the reference of each option, with its variable and default', () => {
    const rows = rowsOf('options');
    expect(rows.map(([name]) => name)).to.deep.equal([...configOptions.keys()]);
    const { accessTokenExpires } = new JwtConfig({});
    const row = rows.find(([name]) => name === 'accessTokenExpires');
    expect(row?.slice(1, 2)).to.deep.equal(['JWT_ACCESS_TOKEN_EXPIRES']);
    expect(row?.[3]).to.equal(String(accessTokenExpires));
  });

  it('makes a row of the reference of each error code and each loader', () => {
    const codes = new Set(read('src/errors.ts').match(/ERR_JWT_\w+/g));
    expect(rowsOf('errors').map(([code]) => code)).to.have.members([...codes]);
    const expired = rowsOf('errors').find(([code]) => code === 'ERR_JWT_EXPIRED');
    expect(expired?.slice(1, 6)).to.deep.equal([
      ...['ExpiredTokenError', '401', 'Token has expired', 'invalid_token', 'expiredToken'],
    ]);
    const loaders = [...read('src/decorator/loaders.ts').matchAll(/^export const (\w+)/gm)];
    expect(rowsOf('loaders').map(([name]) => name)).to.have.members(
      loaders.map(([, name = '']) => `@${name}()`),
    );
  });

  if (hasBrowser) inABrowser();
  else itHasNoBrowser();
});

/** The cells of a table of the reference. */
function rowsOf(page: string): string[][] {
  return read(`docs/reference/${page}.md`)
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) =>
      line
        .split(/(?<!\\)\|/)
        .slice(1, -1)
        .map((cell) => cell.trim().replaceAll('`', '')),
    );
}

function inABrowser(): void {
  let site: StaticSite;
  let browser: Browser;
  /** What went wrong in any page. */
  const faults: string[] = [];

  before(async () => {
    site = await StaticSite.of(BUILT);
    browser = await startBrowser();
  });
  after(async () => {
    await browser.close();
    await site.stop();
  });
  afterEach(() => {
    expect(faults.splice(0)).to.deep.equal([]);
  });

  async function visit(page: string, device: BrowserContextOptions): Promise<Page> {
    const context = await browser.newContext({ colorScheme: 'light', ...device });
    context.setDefaultTimeout(PATIENCE);
    const visited = await context.newPage();
    visited.on('console', (message) => {
      if (message.type() === 'error') faults.push(`console: ${message.text()}`);
    });
    visited.on('pageerror', (error) => faults.push(String(error)));
    visited.on('request', (request) => {
      if (!/^(?:data|blob):/.test(request.url()) && !request.url().startsWith(`${site.url}/`))
        faults.push(`request to ${request.url()}`);
    });
    visited.on('response', (answer) => {
      if (answer.status() >= 400) faults.push(`${answer.status()} ${answer.url()}`);
    });
    await open(visited, page);
    return visited;
  }

  /** Ready when scripts have taken over: until then no button does anything. */
  async function open(visited: Page, page: string): Promise<void> {
    await visited.goto(`${site.url}/${page}`);
    await visited.waitForFunction(`'__vue_app__' in document.querySelector('#app')`);
  }

  it('finds a word, and leads to where it is', async () => {
    const page = await visit('', { viewport: DESKTOP });
    await page.getByRole('button', { name: 'Search' }).first().click();
    await page.getByRole('searchbox').fill('implicitRefreshWithin');
    const result = page.locator('.VPLocalSearchBox a.result', { hasText: 'Cookies' }).first();
    await result.click();
    await page.waitForURL(/\/[\w/-]+\.html(?:#.*)?$/);
    await page.getByRole('main').getByText('implicitRefreshWithin').first().waitFor();
    await page.context().close();
  });

  it('turns dark, and stays dark on the next page', async () => {
    const page = await visit('', { viewport: DESKTOP });
    const background = (): Promise<string> =>
      page.evaluate(`getComputedStyle(document.body).backgroundColor`);
    const light = await background();
    await page.locator('.VPNavBarAppearance').getByRole('switch').click();
    await page.locator('html.dark').waitFor();
    await open(page, 'keys.html');
    await page.locator('html.dark').waitFor();
    expect([light, await background()]).to.deep.equal(['rgb(255, 255, 255)', 'rgb(21, 24, 28)']);
    await page.context().close();
  });

  it('has a menu on a phone, which leads to a page', async () => {
    const page = await visit('keys.html', { viewport: PHONE });
    await page.locator('.VPLocalNav').getByRole('button', { name: 'Menu' }).click();
    const entry = page.locator('.VPSidebar').getByRole('link', { name: 'Ending sessions', exact: true });
    await entry.click();
    await page.getByRole('heading', { level: 1, name: 'Ending sessions' }).waitFor();
    await page.context().close();
  });

  for (const viewport of [PHONE, DESKTOP])
    for (const colorScheme of ['light', 'dark'] as const)
      it(`has no accessibility error, and no page wider than ${viewport.width} pixels, ${colorScheme}`, async () => {
        const page = await visit(PAGES[0] ?? '', { viewport, colorScheme });
        const found: unknown[] = [];
        for (const name of PAGES) {
          await open(page, name);
          const wider: number = await page.evaluate(
            `document.documentElement.scrollWidth - document.documentElement.clientWidth`,
          );
          if (wider > 0) found.push(`${name} is ${wider} pixels too wide`);
          await page.addScriptTag({ content: axe.source });
          const { violations, passes } = await page.evaluate<axe.AxeResults>('axe.run()');
          expect(passes.map(({ id }) => id)).to.include('color-contrast');
          found.push(
            ...violations.map(({ id, nodes }) => [name, id, nodes.slice(0, 3).map(({ html }) => html)]),
          );
        }
        expect(found).to.deep.equal([]);
        await page.context().close();
      });
}

describe('The package', () => {
  it('leaves out how the site is built, and what is made then', () => {
    const { files } = JSON.parse(read('package.json')) as { files: string[] };
    expect(files).to.include.members(['docs', '!docs/.vitepress', '!docs/reference']);
    expect(existsSync(path.join(ROOT, 'docs/.vitepress/config.mjs'))).to.equal(true);
  });
});
