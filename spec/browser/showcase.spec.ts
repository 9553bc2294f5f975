import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core';
import { Example } from '../example-app/Example';
import { fingerprintOf, isTaking, keepPicture, keepTakenOf, pictureNamed, takenOf } from './pictures';
import { sizeOfPng } from './palettePng';
import { hasBrowser, itHasNoBrowser, startBrowser } from './startBrowser';
import { Visitor } from './Visitor';

const ALICE = { username: 'alice', password: 'a garden of live flowers' };
const AXE = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
const DESKTOP = { width: 1280, height: 1120 };
const PHONE = { width: 390, height: 844 };

/** The same text everywhere. */
const DEVICE: BrowserContextOptions = {
  viewport: DESKTOP,
  locale: 'en-GB',
  timezoneId: 'UTC',
  reducedMotion: 'reduce',
  userAgent: 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
};

/** The specs run in order, as one visit. */
describe('The page that shows the guard at work', function () {
  if (!hasBrowser) {
    itHasNoBrowser();
    return;
  }

  this.timeout(90_000);
  let browser: Browser;
  let example: Example;
  let visitor: Visitor;
  let page: Page;
  const complaints: string[] = [];

  before(async () => {
    example = await Example.start();
    browser = await startBrowser();
    visitor = await Visitor.of(browser, example.url, DEVICE);
    ({ page } = visitor);
    page.on('console', (message) => {
      // Chromium reports every refusal.
      if (message.type() === 'error' && !message.text().startsWith('Failed to load resource'))
        complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(String(error)));
  });
  after(async () => {
    expect(complaints).to.deep.equal([]);
    await Example.stopAll();
    // Undefined if it did not start.
    await (browser as Browser | undefined)?.close();
  });

  it('invites visitors while nothing was sent, and is accessible', async () => {
    await page.getByText('Nothing was sent yet').waitFor();
    await isAccessible('logged out');
  });

  it('lists each request of a log-in under its button', async () => {
    await visitor.signUp(ALICE);
    await page.locator('#token').getByText('"HS256"').waitFor();
    const group = page.locator('.group').first();
    expect(await group.locator('.cause').innerText()).to.equal('Sign up');
    expect((await group.locator('summary').allInnerTexts()).map(inOneLine)).to.include.members([
      'POST /signup 201 Created',
      'POST /session 204 No Content',
      'GET /me 200 OK',
      'GET /demonstration/token 200 OK',
      'GET /sessions 200 OK',
    ]);
    expect(await factsOf('GET /me')).to.deep.include({
      Token: 'in a cookie',
      Policy: 'access token',
      Body: '{"name":"alice","roles":[]}',
    });
    expect(await factsOf('POST /signup')).to.include({ Token: 'none', Policy: 'none: open' });
    expect(await page.locator('#wire').textContent())
      .to.not.include(ALICE.password)
      .and.not.match(/eyJ\w/);
  });

  it('counts down to the end of the token and of its freshness', async () => {
    const time = async (name: string): Promise<number> => {
      const text = await page.getByRole('timer', { name }).innerText();
      const [minutes = NaN, seconds = NaN] = text.split(':').map(Number);
      return 60 * minutes + seconds;
    };
    const [end, fresh] = [await time('Ends in'), await time('Fresh for')];
    expect(end).to.be.greaterThan(800).and.at.most(900);
    expect(fresh).to.be.greaterThan(500).and.at.most(600);
    while ((await time('Ends in')) === end) await page.waitForTimeout(50);
    expect(await time('Ends in')).to.be.lessThan(end);
    const claims = Object.fromEntries(
      (await page.locator('#claims dt').allInnerTexts()).map((name) => [name, true]),
    );
    expect(claims).to.include({ alg: true, sub: true, exp: true, fresh: true, sid: true, csrf: true });
  });

  it('shows what becomes of a request without its CSRF value, below its button', async () => {
    const told = await outcomeOf('Drop the CSRF value');
    expect(told.steps).to.deep.equal(['POST /password 401']);
    expect(told.why).to.match(/^The browser added the cookie by itself\..*docs\/website-with-cookies\.md/);
    expect(await factsOf('POST /password')).to.deep.include({
      Token: 'in a cookie',
      CSRF: 'not sent',
      Policy: 'fresh access token',
      Code: 'ERR_JWT_CSRF',
      Challenge: 'Bearer error="invalid_token", error_description="Missing CSRF token"',
      Body: '{"msg":"Missing CSRF token"}',
    });
  });

  // After the first attack, because that is in the pictures.
  it('looks as in the pictures of README and site', async function () {
    this.timeout(180_000);
    const shoot = async (name: string): Promise<void> => {
      if (isTaking) keepPicture(name, await page.screenshot());
      const picture = pictureNamed(name);
      if (picture === undefined) throw new Error(`There is no ${name}: npm run screenshots`);
      expect(sizeOfPng(picture), name).to.deep.equal(page.viewportSize());
      expect(picture.length, name).to.be.lessThan(150_000);
    };
    await page.evaluate('document.activeElement.blur(), scrollTo(0, 0)');
    const fingerprint = fingerprintOf(await page.innerText('body'));
    await shoot('example-light.png');
    await page.emulateMedia({ colorScheme: 'dark' });
    await shoot('example-dark.png');
    await page.emulateMedia({ colorScheme: 'light' });
    await page.setViewportSize(PHONE);
    await page.evaluate(`document.querySelector('#attacks-title').scrollIntoView(), scrollBy(0, -40)`);
    await shoot('example-phone.png');
    await page.setViewportSize(DESKTOP);
    if (isTaking) keepTakenOf(fingerprint);
    expect(fingerprint, 'the page has changed: npm run screenshots').to.equal(takenOf());
  });

  it('shows what becomes of a token whose claims were changed', async () => {
    const told = await outcomeOf('Tamper with it');
    expect(told.steps).to.deep.equal(['POST /demonstration/phone 200', 'GET /admin/users 422']);
    expect(told.why).to.include('The signature does not fit').and.include('docs/security.md');
    expect(await factsOf('GET /admin/users')).to.deep.include({
      Token: 'in the Authorization header',
      Policy: 'access token and the role admin',
      Code: 'ERR_JWT_INVALID',
      Body: '{"msg":"Signature verification failed"}',
    });
  });

  it('shows what becomes of a refresh token that is used again, and of its session', async () => {
    const told = await outcomeOf('Reuse an old refresh token');
    expect(told.steps).to.deep.equal([
      'POST /demonstration/phone 200',
      'POST /refresh 200',
      'POST /refresh 200',
      'POST /refresh 401',
      'GET /me 401',
    ]);
    expect(told.why).to.include('the session of this token is over').and.include('docs/ending-sessions.md');
    expect(await page.locator('#wire').textContent())
      .to.include('"eyJ…"')
      .and.not.match(/eyJ\w/);
  });

  it('shows what becomes of a token whose session was ended on another device', async () => {
    const told = await outcomeOf('Revoke it from another device');
    const steps = told.steps.map((step) => step.replace(/…/, 'SID'));
    expect(steps).to.deep.equal([
      'POST /demonstration/phone 200',
      'GET /me 200',
      'DELETE /sessions/SID 204',
      'GET /me 401',
    ]);
    expect(told.why).to.include('the session of this token is over');
  });

  it('shows what becomes of a token that is no longer fresh, by keyboard', async () => {
    const told = await outcomeOf('Let its freshness end', 'keyboard');
    expect(told.steps).to.deep.equal(['POST /demonstration/aging 204', 'GET /demonstration/fresh 401']);
    expect(told.why).to.include('its log-in was too long ago');
    await page.locator('#fresh-clock').getByText('Not fresh', { exact: true }).waitFor();
    expect((await factsOf('GET /demonstration/fresh'))['Challenge']).to.include(
      'error="insufficient_user_authentication"',
    );
  });

  it('shows an expired token, and its refresh, which nobody has to do', async () => {
    const told = await outcomeOf('Let it expire');
    expect(told.steps).to.deep.equal([
      'POST /demonstration/expiring 204',
      'GET /me 401',
      'POST /session/refresh 204',
      'GET /me 200',
    ]);
    expect(told.why).to.include('its end has passed').and.include('the page refreshed it');
    expect(await page.getByRole('timer', { name: 'Ends in' }).innerText()).to.match(/^1[45]:\d\d$/);
    await visitor.press('Who am I?');
    await visitor.isTold('You are alice');
  });

  it('links to pages of the documentation that exist', async () => {
    const links = new Set(
      await page
        .locator('a[href^="/docs/"]')
        .evaluateAll((all) => all.map((a) => (a as { href?: string }).href)),
    );
    expect(links.size).to.be.greaterThan(3);
    for (const link of links) expect((await page.request.get(String(link))).status(), link).to.equal(200);
  });

  it('is accessible with everything open', async () => {
    await page.evaluate(`for (const each of document.querySelectorAll('#wire details')) each.open = true`);
    await isAccessible('wire panel filled');
  });

  it('forgets what was sent, and says so', async () => {
    await visitor.press('Clear');
    await page.getByText('Nothing was sent yet').waitFor();
    expect(await page.evaluate('document.activeElement.id')).to.equal('wire-title');
  });

  it('asks for a password in a dialog that is accessible', async () => {
    await page.getByLabel('New password').fill(ALICE.password);
    await visitor.press('Change');
    await visitor.sees('Your password, please');
    await isAccessible('dialog open');
    await page.keyboard.press('Escape');
    await visitor.isTold('Nothing was changed');
  });

  /** What shows below a button after it is pressed. */
  async function outcomeOf(name: string, by = 'mouse'): Promise<{ steps: string[]; why: string }> {
    const button = page.getByRole('button', { name, exact: true });
    if (by === 'mouse') await button.click();
    else {
      await button.focus();
      await page.keyboard.press('Enter');
    }
    const outcome = page.locator('.experiments li').filter({ has: button }).getByRole('status');
    await outcome.locator('.steps').waitFor();
    // The focus stays, and the answer is in view.
    expect(await page.evaluate('document.activeElement.textContent.trim()')).to.equal(name);
    const [above, below] = [await button.boundingBox(), await outcome.boundingBox()];
    expect(Number(below?.y) - Number(above?.y))
      .to.be.greaterThan(0)
      .and.lessThan(150);
    return {
      steps: (await outcome.locator('.steps li').allInnerTexts()).map(inOneLine),
      why: inOneLine((await outcome.locator('p').allTextContents()).join(' ')),
    };
  }

  /** The last request of this method and path in the panel. */
  async function factsOf(request: string): Promise<Record<string, string>> {
    const [method = '', path = ''] = request.split(' ');
    const entry: Locator = page
      .locator('#wire details')
      .filter({ has: page.locator('.verb', { hasText: method }) })
      .filter({ has: page.locator('.path').getByText(path, { exact: true }) })
      .last();
    const names = await entry.locator('dt').allTextContents();
    const values = await entry.locator('dd').allTextContents();
    return Object.fromEntries(names.map((name, i) => [name, values[i] ?? '']));
  }

  /** Light and dark, on a desktop and a phone. */
  async function isAccessible(state: string): Promise<void> {
    await page.evaluate(AXE);
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      for (const viewport of [DESKTOP, PHONE]) {
        await page.setViewportSize(viewport);
        const found = await page.evaluate<string[]>(
          `axe.run().then(({ violations }) => violations.map(({ id, nodes }) => id + ': ' + nodes.map(({ html }) => html).join(', ')))`,
        );
        expect(found, `${state}, ${colorScheme}, ${viewport.width} px`).to.deep.equal([]);
        const width = await page.evaluate<number>('document.documentElement.scrollWidth');
        expect(width, `${state}: scrolls sideways`).to.be.at.most(viewport.width);
      }
    }
    await page.emulateMedia({ colorScheme: 'light' });
    await page.setViewportSize(DESKTOP);
  }
});

function inOneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim();
}
