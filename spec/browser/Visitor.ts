import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';

/** Milliseconds that any step may take. */
const PATIENCE = 10_000;

export interface Credentials {
  readonly username: string;
  readonly password: string;
}

/** A user with a separate browser on the example's page. */
export class Visitor {
  /** The requests of the page, with the answers' statuses. Without those of its demonstration. */
  readonly asked: string[] = [];

  private constructor(
    readonly context: BrowserContext,
    readonly page: Page,
  ) {
    page.on('response', (answer) => {
      const { pathname } = new URL(answer.url());
      if (pathname.startsWith('/demonstration/')) return;
      // A browser asks for the icon when it likes to.
      if (pathname === '/icon.svg') return;
      this.asked.push(`${answer.request().method()} ${pathname} ${answer.status()}`);
    });
  }

  /** `device` is what the browser pretends to be. */
  static async of(browser: Browser, url: string, device: BrowserContextOptions = {}): Promise<Visitor> {
    const context = await browser.newContext(device);
    context.setDefaultTimeout(PATIENCE);
    const visitor = new Visitor(context, await context.newPage());
    await visitor.page.goto(url);
    return visitor;
  }

  /** The same visitor in another tab. */
  async withTab(): Promise<Visitor> {
    const tab = new Visitor(this.context, await this.context.newPage());
    await tab.page.goto(this.page.url());
    await tab.sees('You');
    return tab;
  }

  async signUp(credentials: Credentials): Promise<void> {
    await this.submit('Sign up', credentials);
    await this.isTold('Signed up, and logged in');
  }

  async logIn(credentials: Credentials): Promise<void> {
    await this.submit('Log in', credentials);
    await this.isTold('Logged in');
  }

  async press(button: string): Promise<void> {
    await this.page.getByRole('button', { name: button, exact: true }).click();
  }

  async changePassword(password: string): Promise<void> {
    await this.page.getByLabel('New password').fill(password);
    await this.press('Change');
  }

  /** Waits for a status message. */
  async isTold(message: string): Promise<void> {
    await this.page.getByRole('status').getByText(message, { exact: true }).waitFor();
  }

  /** Waits until the page has sent a request `times` times. */
  async hasAsked(line: string, times: number): Promise<void> {
    const deadline = Date.now() + PATIENCE;
    while (this.asked.filter((each) => each === line).length < times) {
      if (Date.now() > deadline)
        throw new Error(`Not asked ${times} times: ${line} in ${this.asked.join(', ')}`);
      await sleep(20);
    }
  }

  async sees(heading: string): Promise<void> {
    await this.page.getByRole('heading', { name: heading, exact: true }).waitFor();
  }

  /** What a script on the page gets for a request. The browser adds cookies. */
  fetch(path: string, init: object = {}): Promise<{ status: number; text: string }> {
    return this.page.evaluate(
      async ([path, init]) => {
        const answer = await fetch(path, init);
        return { status: answer.status, text: await answer.text() };
      },
      [path, init] as const,
    );
  }

  /** The names of the listed sessions. */
  sessions(): Promise<string[]> {
    return this.page.locator('#sessions li strong').allTextContents();
  }

  async cookie(name: string): Promise<string | undefined> {
    return (await this.context.cookies()).find((cookie) => cookie.name === name)?.value;
  }

  async submit(section: 'Log in' | 'Sign up', { username, password }: Credentials): Promise<void> {
    const region = this.page.getByRole('region', { name: section });
    await region.getByLabel('Name').fill(username);
    await region.getByLabel('Password').fill(password);
    await region.getByRole('button').click();
  }
}

/** The claims of a token, unverified. */
export function claimsOf(token: string | undefined): Record<string, unknown> {
  expect(token).to.be.a('string');
  return JSON.parse(Buffer.from(String(token?.split('.')[1]), 'base64url').toString()) as never;
}
