import { expect } from 'chai';
import type { Browser, Locator, Page } from 'playwright-core';
import { Example, type Tokens } from '../example-app/Example';
import { hasBrowser, itHasNoBrowser, startBrowser } from './startBrowser';
import { Visitor } from './Visitor';

const ALICE = { username: 'alice', password: 'a garden of live flowers' };

describe('The API page of the example application in a browser', function () {
  if (!hasBrowser) {
    itHasNoBrowser();
    return;
  }

  this.timeout(60_000);
  let browser: Browser;
  let example: Example;
  let visitor: Visitor;
  let page: Page;
  let complaints: string[];
  let hosts: Set<string>;

  before(async () => {
    example = await Example.start();
    await example.signUp(ALICE);
    browser = await startBrowser();
  });
  after(async () => {
    await Example.stopAll();
    // Undefined if it did not start.
    await (browser as Browser | undefined)?.close();
  });
  beforeEach(async () => {
    visitor = await Visitor.of(browser, example.url);
    ({ page } = visitor);
    [complaints, hosts] = [[], new Set()];
    page.on('request', (request) => hosts.add(new URL(request.url()).host));
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(String(error)));
    await page.goto(`${example.url}/api`);
  });
  afterEach(() => visitor.context.close());

  it('authorizes with a token, and calls a protected route', async () => {
    const me = await opened('/me');
    await me.getByRole('button', { name: 'Execute' }).click();
    await me.locator('.live-responses-table').getByText('Missing JWT in headers or cookies').waitFor();

    const { access_token: token } = (await (await example.post('/login', ALICE)).json()) as Tokens;
    await page.getByRole('button', { name: 'Authorize', exact: true }).click();
    const scheme = page.locator('.auth-container').filter({ hasText: 'accessToken' });
    await scheme.getByRole('textbox').fill(token);
    await scheme.getByRole('button', { name: 'Apply credentials' }).click();
    await scheme.getByRole('button', { name: 'Close' }).click();

    visitor.asked.length = 0;
    await me.getByRole('button', { name: 'Execute' }).click();
    await me.locator('.live-responses-table').getByText('"alice"').waitFor();
    expect(visitor.asked).to.deep.equal(['GET /me 200']);
    // Chromium reports every 401.
    expect(complaints.filter((line) => !line.includes('401 (Unauthorized)'))).to.deep.equal([]);
    expect([...hosts]).to.deep.equal([new URL(example.url).host]);
  });

  it('shows what is open, and the answers of this application', async () => {
    const locks = (path: string): Promise<number> => operation(path).locator('.authorization__btn').count();
    await operation('/me').waitFor();
    expect([await locks('/me'), await locks('/login'), await locks('/signup')]).to.deep.equal([1, 0, 0]);
    const me = await opened('/me');
    const answers = me.locator('.responses-table').last();
    await answers.getByText('Unauthorized: there is no token').waitFor();
    await answers
      .getByRole('combobox')
      .filter({ hasText: 'If the token has expired' })
      .selectOption('ERR_JWT_EXPIRED');
    await answers.getByText('refresh it with your refresh token').waitFor();
    expect(complaints).to.deep.equal([]);
  });

  function operation(path: string): Locator {
    return page.locator('.opblock').filter({ has: page.locator(`[data-path="${path}"]`) });
  }

  async function opened(path: string): Promise<Locator> {
    const found = operation(path);
    await found.locator('.opblock-summary-control').click();
    await found.getByRole('button', { name: 'Try it out' }).click();
    return found;
  }
});
