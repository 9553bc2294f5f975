import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { DocPage, type PageServer } from '../support/DocPage';
import { hasBrowser, itHasNoBrowser, startBrowser, startBrowserOf } from './startBrowser';

/** Names under localhost lead to this machine, and are sites of their own. */
const SITE = 'example.localhost';
const ALICE = `logIn('alice', 'wonderland')`;

interface Seen {
  readonly status: number;
  readonly body: unknown;
  readonly challenge: string | null;
}

describe('docs/front-end-on-another-origin.md in a browser', function () {
  if (!hasBrowser) {
    itHasNoBrowser();
    return;
  }

  this.timeout(60_000);
  const doc = new DocPage('front-end-on-another-origin');
  const pages = http.createServer((_request, response) => {
    response.setHeader('Content-Type', 'text/html');
    response.end('<!doctype html><title>Front end</title>');
  });
  let pagesPort: number;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let api: PageServer | undefined;

  before(async () => {
    pages.listen(0, '127.0.0.1');
    await once(pages, 'listening');
    pagesPort = (pages.address() as AddressInfo).port;
    browser = await startBrowser();
  });
  after(async () => {
    pages.close();
    await (browser as Browser | undefined)?.close();
  });
  beforeEach(async () => {
    context = await browser.newContext();
    page = await context.newPage();
  });
  afterEach(async () => {
    await context.close();
    await api?.stop();
  });

  /** Opens a page on a host, with the script of the document, whose API is on another host. */
  async function open(host: string, apiHost: string, env: Record<string, string> = {}): Promise<void> {
    api = await doc.serve('api', { FRONT_END: `http://${host}:${pagesPort}`, ...env });
    await visit(host, apiHost);
  }

  async function visit(host: string, apiHost: string): Promise<void> {
    await page.goto(`http://${host}:${pagesPort}/`);
    const script = doc.block('js', 'const API');
    await page.addScriptTag({
      content: script.replace('https://api.example.com', `http://${apiHost}:${String(api?.port)}`),
    });
  }

  /** The answer that a script of the page can read. */
  const asked = (call: string): Promise<Seen> =>
    page.evaluate<Seen>(`(async () => {
      const answer = await ${call};
      const challenge = answer.headers.get('WWW-Authenticate');
      return { status: answer.status, challenge, body: await answer.json() };
    })()`);

  const ok = (body: unknown): Seen => ({ status: 200, body, challenge: null });

  it('serves a sibling: log in, read, change, refresh, log out', async () => {
    await open(`app.${SITE}`, `api.${SITE}`);
    await page.evaluate(ALICE);
    expect(await page.evaluate('document.cookie')).to.equal('');
    expect(await asked('read()')).to.deep.equal(ok({ name: 'alice' }));
    expect(await asked('change()')).to.deep.equal(ok({ changed: 'alice' }));
    const before = await page.evaluate('({ ...localStorage })');
    expect(await asked('refresh()')).to.deep.equal(ok(before));
    expect(await asked('change()')).to.deep.equal(ok({ changed: 'alice' }));
    // A page that is opened later has the values, too.
    await visit(`app.${SITE}`, `api.${SITE}`);
    expect(await asked('change()')).to.deep.equal(ok({ changed: 'alice' }));
    expect(await asked('logOut()')).to.deep.equal(ok({}));
    expect(await context.cookies()).to.deep.equal([]);
  });

  it('lets the script read a refusal and its challenge', async () => {
    await open(`app.${SITE}`, `api.${SITE}`);
    await page.evaluate(ALICE);
    expect(await asked(`call('/me', { method: 'POST' })`)).to.deep.equal({
      status: 401,
      body: { msg: 'Missing CSRF token' },
      challenge: 'Bearer error="invalid_token", error_description="Missing CSRF token"',
    });
    await api?.wait15Minutes();
    expect((await asked('read()')).body).to.deep.equal({ msg: 'Token has expired' });
    expect((await asked('refresh()')).status).to.equal(200);
    expect(await asked('read()')).to.deep.equal(ok({ name: 'alice' }));
  });

  it('does not serve an origin that is not listed', async () => {
    await open(`app.${SITE}`, `api.${SITE}`);
    await page.evaluate(ALICE);
    await visit(`evil.${SITE}`, `api.${SITE}`);
    const error = await asked('read()').catch((reason: unknown) => String(reason));
    expect(error).to.include('Failed to fetch');
  });

  it('lets the front end read the CSRF cookie with cookieDomain', async () => {
    const env = { JWT_COOKIE_DOMAIN: SITE, JWT_CSRF_IN_COOKIES: 'true' };
    await open(`app.${SITE}`, `api.${SITE}`, env);
    await page.evaluate(ALICE);
    const cookies = String(await page.evaluate('document.cookie'));
    const csrf = /csrf_access_token=([^;]*)/.exec(cookies)?.[1];
    expect(csrf).to.be.a('string').that.has.length.greaterThan(30);
    expect(cookies).to.not.include('access_token_cookie=');
    expect(await asked(`call('/me', { method: 'POST', csrf: '${String(csrf)}' })`)).to.deep.equal(
      ok({ changed: 'alice' }),
    );
    // What the page warns of: every host of the site gets the tokens.
    const [request] = await Promise.all([
      page.waitForRequest(/other/),
      page.goto(`http://other.${SITE}:${pagesPort}/`),
    ]);
    expect((await request.allHeaders())['cookie']).to.include('access_token_cookie=');
  });

  it('gets no cookies from another site', async () => {
    await open('127.0.0.1', 'localhost');
    await page.evaluate(ALICE);
    expect((await asked('read()')).body).to.deep.equal({ msg: 'Missing cookie "access_token_cookie"' });
  });

  for (const [does, mode] of [
    ['gets cookies with SameSite=None from another site if the user allows', 0],
    ['gets no cookies with SameSite=None from another site if the user blocks', 1],
  ] as const) {
    it(`${does} cookies of third parties`, async () => {
      await context.close();
      context = await startBrowserOf({ profile: { cookie_controls_mode: mode } });
      page = await context.newPage();
      await open('127.0.0.1', 'localhost', { JWT_COOKIE_SAMESITE: 'None' });
      await page.evaluate(ALICE);
      const missing = { msg: 'Missing cookie "access_token_cookie"' };
      expect((await asked('read()')).body).to.deep.equal(mode === 0 ? { name: 'alice' } : missing);
      if (mode === 1) return;
      expect(await asked('change()')).to.deep.equal(ok({ changed: 'alice' }));
      expect((await asked('refresh()')).status).to.equal(200);
    });
  }

  it('is one site on two ports of localhost', async () => {
    await open('localhost', 'localhost');
    await page.evaluate(ALICE);
    expect(await asked('read()')).to.deep.equal(ok({ name: 'alice' }));
  });

  it('opens some paths to every origin, for tokens in headers', async () => {
    api = await doc.serve('widgets');
    await visit('127.0.0.1', 'localhost');
    const url = `http://localhost:${api.port}`;
    const headers = `{ headers: { Authorization: 'Bearer nonsense' } }`;
    const refused = await asked(`fetch('${url}/widgets/weather', ${headers})`);
    expect(refused.body).to.deep.equal({ msg: 'Not enough segments' });
    const error = await asked(`fetch('${url}/me')`).catch((reason: unknown) => String(reason));
    expect(error).to.include('Failed to fetch');
  });
});
