import { expect } from 'chai';
import type { Browser, BrowserContext, Cookie } from 'playwright-core';
import { Example } from '../example-app/Example';
import { hasBrowser, itHasNoBrowser, startBrowser } from './startBrowser';
import { claimsOf, Visitor, type Credentials } from './Visitor';

const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';
const SAFARI =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1';
const NEW_PASSWORD = 'how fine you look when dressed in rage';

describe('Sessions on the page of the example application', function () {
  if (!hasBrowser) {
    itHasNoBrowser();
    return;
  }

  this.timeout(60_000);
  let browser: Browser;
  let example: Example;
  /** Its refresh tokens work once, without grace. */
  let strict: Example;
  let alice: Credentials;
  let count = 0;
  const opened: BrowserContext[] = [];

  before(async () => {
    example = await Example.start();
    strict = await Example.start({ JWT_ROTATION_GRACE: '0' });
    browser = await startBrowser();
  });
  after(async () => {
    await Example.stopAll();
    // Undefined if it did not start.
    await (browser as Browser | undefined)?.close();
  });
  beforeEach(() => {
    alice = { username: `alice-${++count}`, password: 'a garden of live flowers' };
  });
  afterEach(async () => {
    for (const context of opened.splice(0)) await context.close();
  });

  async function visitorOf({ url }: Example, userAgent = FIREFOX): Promise<Visitor> {
    const visitor = await Visitor.of(browser, url, { userAgent });
    opened.push(visitor.context);
    return visitor;
  }

  /** One user on two devices. Both show both sessions. */
  async function onTwoDevices(): Promise<{ desktop: Visitor; phone: Visitor }> {
    const [desktop, phone] = [await visitorOf(example, FIREFOX), await visitorOf(example, SAFARI)];
    await desktop.signUp(alice);
    await phone.logIn(alice);
    await desktop.page.reload();
    await desktop.sees('You');
    return { desktop, phone };
  }

  async function isLoggedIn(visitor: Visitor): Promise<void> {
    await visitor.press('Who am I?');
    await visitor.isTold(`You are ${alice.username}`);
  }

  async function isLedToTheLogIn(visitor: Visitor): Promise<void> {
    await visitor.press('Who am I?');
    await visitor.isTold('Token has been revoked');
    await visitor.sees('Log in');
  }

  it('are listed with browser, start and last refresh, and this one is marked', async () => {
    const { desktop, phone } = await onTwoDevices();
    for (const visitor of [desktop, phone]) {
      expect(await visitor.sessions()).to.have.members(['Firefox on Linux', 'Safari on iOS']);
    }
    const here = phone.page.locator('#sessions [aria-current=true]');
    expect(await here.textContent()).to.match(
      /^Safari on iOS \(this device\)Started .+, last refreshed .+End$/,
    );
    const times = here.locator('time');
    const started = Date.parse(String(await times.first().getAttribute('datetime')));
    expect(Math.abs(started - Date.now())).to.be.lessThan(60_000);

    await phone.page.waitForTimeout(1100);
    await phone.press('Refresh');
    await phone.isTold('Refreshed: the new token is not fresh');
    expect(await times.first().getAttribute('datetime')).to.equal(new Date(started).toISOString());
    expect(Date.parse(String(await times.last().getAttribute('datetime')))).to.be.greaterThan(started);
  });

  it('can be ended on another device by keyboard', async () => {
    const { desktop, phone } = await onTwoDevices();
    const end = desktop.page.getByRole('button', { name: 'End Safari on iOS', exact: true });
    await end.focus();
    await desktop.page.keyboard.press('Enter');
    await desktop.isTold('Session ended');
    expect(await desktop.sessions()).to.deep.equal(['Firefox on Linux']);
    // The focus stays in the list, not at the top of the page.
    expect(await desktop.page.evaluate('document.activeElement.id')).to.equal('sessions-title');
    await desktop.page.keyboard.press('Tab');
    expect(await desktop.page.evaluate('document.activeElement.ariaLabel')).to.equal('End Firefox on Linux');
    await isLoggedIn(desktop);

    await isLedToTheLogIn(phone);
    const headers = { 'X-CSRF-TOKEN': (await phone.cookie('csrf_refresh_token')) ?? '' };
    expect((await phone.fetch('/session/refresh', { method: 'POST', headers })).status).to.equal(401);
    await phone.logIn(alice);
    await isLoggedIn(phone);
  });

  it('end on this device like a log-out', async () => {
    const { desktop, phone } = await onTwoDevices();
    await phone.press('End Safari on iOS');
    await phone.isTold('Logged out');
    expect(await phone.context.cookies()).to.deep.equal([]);
    await isLoggedIn(desktop);
  });

  it('stay on another device after a log-out', async () => {
    const { desktop, phone } = await onTwoDevices();
    await phone.press('Log out');
    await phone.isTold('Logged out');
    await isLoggedIn(desktop);
    await desktop.page.reload();
    await desktop.sees('You');
    expect(await desktop.sessions()).to.deep.equal(['Firefox on Linux']);
  });

  it('can be ended on all devices at once', async () => {
    const { desktop, phone } = await onTwoDevices();
    const copies = await desktop.context.cookies();
    await desktop.press('Log out everywhere');
    await desktop.isTold('Logged out everywhere');
    expect(await desktop.context.cookies()).to.deep.equal([]);
    await desktop.context.addCookies(copies);
    expect((await desktop.fetch('/me')).status).to.equal(401);
    await isLedToTheLogIn(phone);
    await phone.logIn(alice);
    await isLoggedIn(phone);
    expect(await phone.sessions()).to.have.length(1);
  });

  it('end on other devices when the password changes', async () => {
    const { desktop, phone } = await onTwoDevices();
    await desktop.changePassword(NEW_PASSWORD);
    await desktop.isTold('Password changed');
    expect(await desktop.sessions()).to.deep.equal(['Firefox on Linux']);
    await isLoggedIn(desktop);
    await isLedToTheLogIn(phone);
    await phone.logIn({ ...alice, password: NEW_PASSWORD });
  });

  it('stay one per browser after a second log-in', async () => {
    const desktop = await visitorOf(example);
    await desktop.signUp(alice);
    const before = await desktop.context.cookies();
    await desktop.press('Refresh');
    await desktop.isTold('Refreshed: the new token is not fresh');
    await desktop.changePassword(NEW_PASSWORD);
    await desktop.page.getByRole('dialog').getByLabel('Password').fill(alice.password);
    await desktop.press('Go on');
    await desktop.isTold('Password changed');
    expect(await desktop.sessions()).to.have.length(1);
    const token = before.find(({ name }) => name === 'access_token_cookie')?.value;
    expect((await example.get('/me', token)).status).to.equal(401);
  });

  it('end when a thief uses a refresh token after the victim, who can log in again', async () => {
    const { victim, thief } = await theft();
    await victim.press('Refresh');
    await victim.isTold('Refreshed: the new token is not fresh');
    expect(await refreshes(thief)).to.equal(401);
    await nobodyIsLoggedIn(victim, thief);
  });

  it('end when a thief uses a refresh token before the victim, who can log in again', async () => {
    const { victim, thief } = await theft();
    expect(await refreshes(thief)).to.equal(204);
    expect((await thief.fetch('/me')).status).to.equal(200);
    await victim.press('Refresh');
    await victim.isTold('Token has been revoked');
    await victim.sees('Log in');
    await nobodyIsLoggedIn(victim, thief);
  });

  it('survive two tabs that refresh at once', async () => {
    const visitor = await visitorOf(example);
    await visitor.signUp(alice);
    const { sid } = claimsOf(await visitor.cookie('refresh_token_cookie'));
    const tabs = [visitor, await visitor.withTab()];
    let waiting = 0;
    // Both requests are sent before either is answered.
    await visitor.context.route(/\/session\/refresh$/, async (route) => {
      waiting++;
      const deadline = Date.now() + 5000;
      while (waiting < 2 && Date.now() < deadline) await new Promise(setImmediate);
      await route.continue();
    });
    await Promise.all(tabs.map((tab) => tab.press('Refresh')));
    for (const tab of tabs) await tab.isTold('Refreshed: the new token is not fresh');
    expect(waiting).to.equal(2);
    for (const tab of tabs) await isLoggedIn(tab);
    await visitor.context.unroute(/\/session\/refresh$/);
    // Each may refresh again, with the tokens of the last refresh.
    for (const tab of tabs) {
      await tab.press('Refresh');
      await tab.isTold('Refreshed: the new token is not fresh');
      await isLoggedIn(tab);
    }
    expect(claimsOf(await visitor.cookie('refresh_token_cookie'))['sid']).to.equal(sid);
    expect(await visitor.sessions()).to.have.length(1);
  });

  /** A thief with a copy of the victim's cookies. */
  async function theft(): Promise<{ victim: Visitor; thief: Visitor }> {
    const [victim, thief] = [await visitorOf(strict), await visitorOf(strict, SAFARI)];
    await victim.signUp(alice);
    const stolen: Cookie[] = await victim.context.cookies();
    await thief.context.addCookies(stolen);
    return { victim, thief };
  }

  async function refreshes(thief: Visitor): Promise<number> {
    const headers = { 'X-CSRF-TOKEN': (await thief.cookie('csrf_refresh_token')) ?? '' };
    return (await thief.fetch('/session/refresh', { method: 'POST', headers })).status;
  }

  async function nobodyIsLoggedIn(victim: Visitor, thief: Visitor): Promise<void> {
    for (const visitor of [victim, thief]) {
      expect((await visitor.fetch('/me')).status).to.equal(401);
      expect(await refreshes(visitor)).to.equal(401);
      await visitor.page.reload();
      await visitor.isTold('Token has been revoked');
      await visitor.sees('Log in');
    }
    expect(strict.program.output)
      .to.match(/Warning: a refresh token was used twice/)
      .and.not.match(/eyJ/);
    await victim.logIn(alice);
    await isLoggedIn(victim);
    expect((await thief.fetch('/me')).status).to.equal(401);
  }
});
