import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { chromium, type Browser, type BrowserContext } from 'playwright-core';
import { findChromium } from './findChromium';

// Root cannot use the sandbox; the rest stops requests to the vendor.
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
const executablePath = findChromium();

export const hasBrowser = executablePath !== undefined;

export function startBrowser(): Promise<Browser> {
  return chromium.launch({ ...(executablePath && { executablePath }), args: FLAGS });
}

/** A browser of its own with settings of the user, such as `{ profile: { cookie_controls_mode: 1 } }`. */
export function startBrowserOf(settings: object): Promise<BrowserContext> {
  const folder = mkdtempSync(path.join(tmpdir(), 'browser-'));
  mkdirSync(path.join(folder, 'Default'));
  writeFileSync(path.join(folder, 'Default/Preferences'), JSON.stringify(settings));
  return chromium.launchPersistentContext(folder, { ...(executablePath && { executablePath }), args: FLAGS });
}

/** Replaces specs that need a browser. */
export function itHasNoBrowser(): void {
  if (process.env['REQUIRE_BROWSER'] === '1') {
    it('is tested', () => {
      throw new Error('No Chromium is installed, but REQUIRE_BROWSER is set');
    });
  } else it('is skipped: no Chromium in CHROMIUM_PATH or the usual places');
}
