import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { DocPage, type PageServer } from '../support/DocPage';
import { Proxy } from '../support/Proxy';
import { hasBrowser, itHasNoBrowser, startBrowser } from './startBrowser';

const REFRESH = 'POST /session/refresh';

/** Ten requests at once, and what came: each status, once. */
const TEN = `Promise.all(Array.from({ length: 10 }, async () => (await api('/me')).status))
  .then((statuses) => [...new Set(statuses)])`;
const POST = `api('/me', { method: 'POST' }).then((answer) => answer.json())`;

describe('The sessions of docs/clients.md in a browser', function () {
  if (!hasBrowser) {
    itHasNoBrowser();
    return;
  }

  this.timeout(60_000);
  const modules = ['clients', 'header-access-cookie-refresh'].map((name) => new DocPage(name).modules());
  let browser: Browser;
  let context: BrowserContext;
  let server: PageServer;
  let proxy: Proxy;

  before(async () => {
    browser = await startBrowser();
  });
  after(() => browser.close());
  afterEach(async () => {
    await context.close();
    await proxy.stop();
    await server.stop();
  });

  async function serve(page: string): Promise<void> {
    server = await new DocPage(page).serve('server');
    proxy = await Proxy.before(server.url);
    proxy.before = (seen) => {
      if (seen === 'GET /page') return { type: 'text/html', body: '<!doctype html><title>Page</title>' };
      const [, name] = /^GET \/modules\/(\w+)$/.exec(seen) ?? [];
      const body = modules.map((each) => each.get(String(name))).find((each) => each !== undefined);
      return body === undefined ? undefined : { type: 'text/javascript', body };
    };
    context = await browser.newContext();
  }

  /** Opens a page whose scripts know `session`, `api` and whether the session is over. */
  async function tab(session: string): Promise<Page> {
    const page = await context.newPage();
    await page.goto(`http://localhost:${proxy.port}/page`);
    await page.evaluate(`(async () => {
      window.ended = 0;
      const [{ ${session} }, { fetchWith }, { Refreshing }] = await Promise.all(
        ['${session}', 'fetchApi', 'refreshing'].map((name) => import('/modules/' + name)),
      );
      window.session = new ${session}(() => { window.ended += 1; });
      window.api = fetchWith(session);
      window.Refreshing = Refreshing;
    })()`);
    return page;
  }

  async function logIn(page: Page, path: string, then: string): Promise<void> {
    await page.evaluate(`fetch('${path}', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'alice', password: 'wonderland' }),
    }).then((answer) => answer.json()).then((body) => ${then})`);
  }

  describe('CookieSession', () => {
    beforeEach(() => serve('website-and-mobile'));

    const loggedIn = async (): Promise<[Page, Page]> => {
      const tabs: [Page, Page] = [await tab('CookieSession'), await tab('CookieSession')];
      await logIn(tabs[0], '/session/website', 'session.renewed()');
      return tabs;
    };

    it('refreshes once in a tab, and as a rule once for both, for twenty requests of two tabs', async () => {
      const tabs = await loggedIn();
      await server.wait15Minutes();
      const { before } = proxy;
      // Both tabs are refused before either has refreshed.
      proxy.before = async (seen) => {
        if (seen !== REFRESH) return before(seen);
        while (proxy.count('GET /me 401') <= 10) await sleep(1);
        return undefined;
      };
      const answers = await Promise.all(tabs.map((page) => page.evaluate(TEN)));
      expect(answers).to.deep.equal([[200], [200]]);
      expect(proxy.count('GET /me 401')).to.be.greaterThan(10);
      // A busy browser may let a tab know late what the other has stored. Then both refresh, within the grace.
      expect(proxy.count(`${REFRESH} 200`)).to.be.within(1, 2);
      const before15Minutes = proxy.count(`${REFRESH} 200`);
      await server.wait15Minutes();
      for (const page of tabs) expect(await page.evaluate(POST)).to.deep.equal({ changed: 'alice' });
      expect(proxy.count(`${REFRESH} 200`) - before15Minutes).to.be.within(1, 2);
    });

    it('goes on without Web Locks, thanks to the grace', async () => {
      const tabs = await loggedIn();
      for (const page of tabs) {
        await page.evaluate(`Object.defineProperty(navigator, 'locks', { value: undefined })`);
      }
      await server.wait15Minutes();
      let waiting = 0;
      const { before } = proxy;
      // Both are sent before either is answered.
      proxy.before = async (seen) => {
        if (seen !== REFRESH) return before(seen);
        waiting += 1;
        while (waiting < 2) await sleep(1);
        return undefined;
      };
      const answers = await Promise.all(tabs.map((page) => page.evaluate(TEN)));
      expect(answers).to.deep.equal([[200], [200]]);
      expect(proxy.count(`${REFRESH} 200`)).to.equal(2);
      await server.wait15Minutes();
      for (const page of tabs) expect(await page.evaluate(POST)).to.deep.equal({ changed: 'alice' });
    });

    it('gives up once in each tab', async () => {
      const tabs = await loggedIn();
      const stolen = await context.cookies();
      const cookie = (name: string): string => stolen.find((each) => each.name === name)?.value ?? '';
      const end = await fetch(`${server.url}/session/end`, {
        method: 'POST',
        headers: { authorization: `Bearer ${cookie('access_token_cookie')}` },
      });
      expect(end.status).to.equal(200);
      await server.wait15Minutes();
      for (const page of tabs) {
        expect(await page.evaluate(TEN)).to.deep.equal([401]);
        expect(await page.evaluate('ended')).to.equal(1);
      }
      expect(proxy.count(`${REFRESH} 401`)).to.equal(2);
    });
  });

  describe('MemorySession', () => {
    beforeEach(() => serve('header-access-cookie-refresh'));

    it('refreshes when a page is opened, and once for many requests', async () => {
      const first = await tab('MemorySession');
      const open = `new Refreshing(session).after('')`;
      expect(await first.evaluate(open)).to.equal(false);
      expect(await first.evaluate('ended')).to.equal(1);
      expect(proxy.count(`${REFRESH} 401`)).to.equal(0);
      await logIn(first, '/session', 'session.keep(body)');
      const second = await tab('MemorySession');
      const third = await tab('MemorySession');
      const opened = await Promise.all([second, third].map((page) => page.evaluate(open)));
      expect(opened).to.deep.equal([true, true]);
      expect(proxy.count(`${REFRESH} 200`)).to.equal(2);
      const tabs = [first, second, third];
      for (const page of tabs) expect(await page.evaluate(POST)).to.deep.equal({ changed: 'alice' });

      await server.wait15Minutes();
      proxy.seen.length = 0;
      const answers = await Promise.all(tabs.map((page) => page.evaluate(TEN)));
      expect(answers).to.deep.equal([[200], [200], [200]]);
      // Each tab has an access token of its own.
      expect(proxy.count(`${REFRESH} 200`)).to.equal(3);
    });
  });
});
