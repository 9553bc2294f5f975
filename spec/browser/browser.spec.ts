import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import type { Browser } from 'playwright-core';
import { Example, FOLDER } from '../example-app/Example';
import { ForeignSite } from './ForeignSite';
import { hasBrowser, itHasNoBrowser, startBrowser } from './startBrowser';
import { claimsOf, Visitor, type Credentials } from './Visitor';

const NEW_PASSWORD = 'how fine you look when dressed in rage';

describe('The page of the example application in a browser', function () {
  if (!hasBrowser) {
    itHasNoBrowser();
    return;
  }

  this.timeout(60_000);
  let browser: Browser;
  let example: Example;
  let foreign: ForeignSite;
  let visitor: Visitor;
  let alice: Credentials;
  let count = 0;

  before(async () => {
    foreign = await ForeignSite.start();
    example = await Example.start({ DATABASE_FILE: `${FOLDER}/browser.sqlite` });
    browser = await startBrowser();
  });
  after(async () => {
    await Example.stopAll();
    await foreign.stop();
    // Undefined if it did not start.
    await (browser as Browser | undefined)?.close();
  });
  beforeEach(async () => {
    alice = { username: `alice-${++count}`, password: 'a garden of live flowers' };
    await visit(example);
  });
  afterEach(() => visitor.context.close());

  async function visit({ url }: Example): Promise<void> {
    await (visitor as Visitor | undefined)?.context.close();
    visitor = await Visitor.of(browser, url);
  }

  async function expectPassword(password: string): Promise<void> {
    expect((await example.post('/login', { ...alice, password })).status).to.equal(200);
  }

  it('signs up, logs out, logs in, and shows the user', async () => {
    await visitor.signUp(alice);
    await visitor.press('Log out');
    await visitor.isTold('Logged out');
    await visitor.logIn(alice);
    await visitor.press('Who am I?');
    await visitor.isTold(`You are ${alice.username}`);
    await visitor.page.reload();
    await visitor.sees('You');
    expect(visitor.asked).to.include('GET /me 200');
  });

  it('logs in and out by keyboard alone', async () => {
    await example.signUp(alice);
    const { keyboard } = visitor.page;
    await keyboard.press('Tab');
    await keyboard.type(alice.username);
    await keyboard.press('Tab');
    await keyboard.type(alice.password);
    await keyboard.press('Enter');
    await visitor.isTold('Logged in');
    // The heading has the focus; then come "Who am I?", "Refresh" and "Log out".
    for (let i = 0; i < 3; i++) await keyboard.press('Tab');
    await keyboard.press('Enter');
    await visitor.isTold('Logged out');
    // Back in the first field.
    await keyboard.type(alice.username);
    expect(await visitor.page.locator('#name').inputValue()).to.equal(alice.username);
  });

  it('explains a failed log-in or sign-up', async () => {
    await example.signUp(alice);
    await visitor.submit('Log in', { ...alice, password: 'not her password' });
    await visitor.isTold('Bad username or password');
    await visitor.submit('Sign up', alice);
    await visitor.isTold('That name is taken');
    expect(await visitor.context.cookies()).to.deep.equal([]);
  });

  it('keeps tokens where no script can read them', async () => {
    await visitor.signUp(alice);
    const cookies = await visitor.context.cookies();
    const told = cookies.map(({ name, path, httpOnly, secure, sameSite }) => ({
      [name]: `${path} ${httpOnly ? 'HttpOnly' : 'readable'} ${secure ? 'Secure' : 'anywhere'} ${sameSite}`,
    }));
    expect(Object.assign({}, ...told)).to.deep.equal({
      access_token_cookie: '/ HttpOnly Secure Lax',
      csrf_access_token: '/ readable Secure Lax',
      refresh_token_cookie: '/session HttpOnly Secure Lax',
      csrf_refresh_token: '/ readable Secure Lax',
    });
    const readable = await visitor.page.evaluate(
      'document.cookie + JSON.stringify({ ...localStorage, ...sessionStorage })',
    );
    expect(readable)
      .to.include('csrf_access_token=')
      .and.not.match(/token_cookie|eyJ/);
  });

  it('runs only its own scripts', async () => {
    const { page } = visitor;
    await page.route(`${example.url}/`, async (route) => {
      const response = await route.fetch();
      const injected = '<script>globalThis.ran = true</script></body>';
      await route.fulfill({ response, body: (await response.text()).replace('</body>', injected) });
    });
    const reports: string[] = [];
    page.on('console', (message) => reports.push(message.text()));
    await page.reload();
    await visitor.sees('Log in');
    expect(await page.content()).to.include('globalThis.ran');
    expect(await page.evaluate(() => 'ran' in globalThis)).to.equal(false);
    expect(reports.join()).to.match(/inline script violates.*Content Security Policy/);
  });

  it('is refused without the right CSRF value', async () => {
    await visitor.signUp(alice);
    const csrf = (await visitor.cookie('csrf_access_token')) ?? '';
    const post = (value?: string): Promise<{ status: number; text: string }> =>
      visitor.fetch('/password', {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', ...(value && { 'X-CSRF-TOKEN': value }) },
        body: JSON.stringify({ password: NEW_PASSWORD }),
      });
    expect(await post()).to.deep.equal({ status: 401, text: '{"msg":"Missing CSRF token"}' });
    const refreshCsrf = await visitor.cookie('csrf_refresh_token');
    expect(await post(refreshCsrf)).to.deep.equal({
      status: 401,
      text: '{"msg":"CSRF double submit tokens do not match"}',
    });
    expect((await visitor.fetch('/session', { method: 'DELETE' })).status).to.equal(401);
    expect((await visitor.fetch('/session/refresh', { method: 'POST' })).status).to.equal(401);
    await expectPassword(alice.password);
    expect((await post(csrf)).status).to.equal(204);
    await expectPassword(NEW_PASSWORD);
  });

  it('is safe from forms and scripts of another site', async () => {
    await visitor.signUp(alice);
    const cookies = await visitor.context.cookies();
    const action = `${example.url}/password`;

    // The browser sends no SameSite=Lax cookie with a cross-site POST.
    expect(await postedFrom(foreign.url, { action, password: NEW_PASSWORD })).to.deep.equal([
      401,
      '{"msg":"Missing JWT in headers or cookies (Missing Authorization Header; Missing cookie \\"access_token_cookie\\")"}',
    ]);
    // Another port of localhost is the same site: cookies are sent, but the CSRF value is missing.
    expect(await postedFrom(foreign.neighbourUrl, { action, password: NEW_PASSWORD })).to.deep.equal([
      401,
      '{"msg":"Missing CSRF token"}',
    ]);
    for (const from of [foreign.url, foreign.neighbourUrl]) {
      await visitor.page.goto(from);
      const csrf = (await visitor.cookie('csrf_access_token')) ?? '';
      expect(await fetchedFromHere(action, { 'X-CSRF-TOKEN': csrf })).to.equal('TypeError: Failed to fetch');
      expect(await fetchedFromHere(action, {})).to.equal('TypeError: Failed to fetch');
      expect(await fetchedFromHere(`${example.url}/me`, {}, 'GET')).to.equal('TypeError: Failed to fetch');
    }
    await expectPassword(alice.password);
    expect(await visitor.context.cookies()).to.deep.equal(cookies);
  });

  it('cannot be logged in as another user by another site', async () => {
    const mallory = { username: `mallory-${count}`, password: 'a password of twelve' };
    await example.signUp(mallory);
    await visitor.signUp(alice);
    for (const from of [foreign.url, foreign.neighbourUrl]) {
      const fields = { action: `${example.url}/session`, ...mallory };
      expect(await postedFrom(from, fields)).to.deep.equal([403, '{"msg":"Not from another site"}']);
    }
    await visitor.page.goto(example.url);
    await visitor.press('Who am I?');
    await visitor.isTold(`You are ${alice.username}`);
  });

  it('refreshes an expired access token and retries the request', async () => {
    const hurried = await Example.start({ JWT_ACCESS_TOKEN_EXPIRES: '5' });
    await visit(hurried);
    await visitor.signUp(alice);
    const before = claimsOf(await visitor.cookie('access_token_cookie'));
    await sleep(5100);
    visitor.asked.length = 0;
    await visitor.press('Who am I?');
    await visitor.isTold(`You are ${alice.username}`);
    expect(visitor.asked).to.deep.equal(['GET /me 401', 'POST /session/refresh 204', 'GET /me 200']);
    const after = claimsOf(await visitor.cookie('access_token_cookie'));
    expect(after['jti']).to.not.equal(before['jti']);
    expect(after['fresh']).to.equal(false);

    // A POST uses the new CSRF value, and works after both an expired and a stale token.
    await sleep(5100);
    visitor.asked.length = 0;
    await visitor.changePassword(NEW_PASSWORD);
    await visitor.sees('Your password, please');
    await visitor.page.keyboard.type(alice.password);
    await visitor.page.keyboard.press('Enter');
    await visitor.isTold('Password changed');
    expect(visitor.asked).to.deep.equal([
      'POST /password 401',
      'POST /session/refresh 204',
      'POST /password 401',
      'POST /session 204',
      'POST /password 204',
      'GET /sessions 200',
    ]);
  });

  it('refreshes an access token whose cookie the browser has dropped', async () => {
    await visitor.signUp(alice);
    const dropped = async (): Promise<void> => {
      for (const name of ['access_token_cookie', 'csrf_access_token'])
        await visitor.context.clearCookies({ name });
    };
    await dropped();
    visitor.asked.length = 0;
    await visitor.press('Who am I?');
    await visitor.isTold(`You are ${alice.username}`);
    expect(visitor.asked).to.deep.equal(['GET /me 401', 'POST /session/refresh 204', 'GET /me 200']);
    await dropped();
    await visitor.page.reload();
    await visitor.sees('You');
  });

  it('says the rules for a name before they are broken', async () => {
    const name = visitor.page.getByRole('region', { name: 'Sign up' }).getByLabel('Name');
    const described = String(await name.getAttribute('aria-describedby'));
    const hint = visitor.page.locator(`#${described}`);
    expect((await hint.innerText()).trim()).to.equal(
      '2 to 30 lowercase letters, digits or hyphens, starting with a letter',
    );
    visitor.asked.length = 0;
    for (const bad of ['A B', 'a', '1st', 'a'.repeat(31)]) {
      await visitor.submit('Sign up', { ...alice, username: bad });
      expect(await visitor.page.locator('#new-name:user-invalid').count(), bad).to.equal(1);
    }
    expect(visitor.asked).to.deep.equal([]);
    await visitor.signUp({ ...alice, username: `a${count}` });
  });

  it('retries a request whose token was replaced meanwhile', async () => {
    await visitor.signUp(alice);
    const { page } = visitor;
    const refreshing = page.waitForRequest(/\/session\/refresh$/);
    await page.route(
      `${example.url}/me`,
      async (route) => {
        await refreshing;
        await route.fulfill({ status: 401, json: { msg: 'Token has been revoked' } });
      },
      { times: 1 },
    );
    await page.route(/\/session\/refresh$/, async (route) => {
      await sleep(300);
      await route.continue();
    });
    visitor.asked.length = 0;
    await visitor.press('Who am I?');
    await visitor.press('Refresh');
    // One from the refresh, one from the retry.
    await visitor.hasAsked('GET /me 200', 2);
    expect(visitor.asked).to.include('GET /me 401');
    await visitor.press('Who am I?');
    await visitor.isTold(`You are ${alice.username}`);
  });

  it('asks for the password if the log-in was too long ago', async () => {
    await visitor.signUp(alice);
    await visitor.press('Refresh');
    await visitor.isTold('Refreshed: the new token is not fresh');
    const password = visitor.page.getByRole('dialog').getByLabel('Password');

    await visitor.changePassword(NEW_PASSWORD);
    await visitor.sees('Your password, please');
    await visitor.page.keyboard.press('Escape');
    await visitor.isTold('Nothing was changed');

    await visitor.press('Change');
    expect(await password.inputValue()).to.equal('');
    await password.fill('not her password');
    await visitor.press('Go on');
    // In the dialog, which stays open, with the password selected: typing replaces it.
    const dialog = visitor.page.getByRole('dialog');
    await dialog.getByRole('status').getByText('Bad username or password', { exact: true }).waitFor();
    expect(await password.getAttribute('aria-invalid')).to.equal('true');
    await expectPassword(alice.password);

    await visitor.page.keyboard.type(alice.password);
    expect(await password.getAttribute('aria-invalid')).to.equal('false');
    await visitor.page.keyboard.press('Enter');
    await visitor.isTold('Password changed');
    await expectPassword(NEW_PASSWORD);
  });

  it('lists users to admins only', async () => {
    await visitor.signUp(alice);
    await visitor.press('List');
    await visitor.isTold('Access is denied');
    await example.makeAdmin(alice.username);
    await visitor.press('Refresh');
    await visitor.isTold('Refreshed: the new token is not fresh');
    await visitor.press('List');
    await visitor.page.getByRole('listitem').getByText(`${alice.username}, admin`, { exact: true }).waitFor();
  });

  it('makes copies of the cookies useless on log-out', async () => {
    await visitor.signUp(alice);
    const first = await visitor.context.cookies();
    // Also the token that a refresh has replaced.
    await visitor.press('Refresh');
    await visitor.isTold('Refreshed: the new token is not fresh');
    const second = await visitor.context.cookies();
    await visitor.press('Log out');
    await visitor.isTold('Logged out');
    expect(await visitor.context.cookies()).to.deep.equal([]);
    await visitor.page.reload();
    await visitor.sees('Log in');

    for (const copies of [first, second]) {
      await visitor.context.addCookies(copies);
      const revoked = { status: 401, text: '{"msg":"Token has been revoked"}' };
      expect(await visitor.fetch('/me')).to.deep.equal(revoked);
      const headers = { 'X-CSRF-TOKEN': (await visitor.cookie('csrf_refresh_token')) ?? '' };
      expect(await visitor.fetch('/session/refresh', { method: 'POST', headers })).to.deep.equal(revoked);
      const token = copies.find(({ name }) => name === 'access_token_cookie')?.value;
      expect((await example.get('/me', token)).status).to.equal(401);
    }
    await visitor.page.reload();
    await visitor.isTold('Token has been revoked');
    await visitor.sees('Log in');
  });

  /** The answer to a form on another page, which the visitor then sees. */
  async function postedFrom(from: string, fields: Record<string, string>): Promise<[number, string]> {
    const { page } = visitor;
    const [answer] = await Promise.all([
      page.waitForResponse(
        (response) => response.url() === fields['action'] && response.request().method() === 'POST',
      ),
      page.goto(`${from}?${new URLSearchParams(fields).toString()}`, { waitUntil: 'commit' }),
    ]);
    await answer.finished();
    await page.waitForURL(String(fields['action']));
    return [answer.status(), await answer.text()];
  }

  function fetchedFromHere(url: string, headers: object, method = 'POST'): Promise<string> {
    return visitor.page.evaluate(
      async ([url, headers, method, password]) => {
        try {
          const body = method === 'GET' ? null : new URLSearchParams({ password });
          const answer = await fetch(url, { method, credentials: 'include', headers: { ...headers }, body });
          return await answer.text();
        } catch (error) {
          return String(error);
        }
      },
      [url, headers, method, NEW_PASSWORD] as const,
    );
  }
});
