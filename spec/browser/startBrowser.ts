import { chromium, type Browser } from 'playwright-core';
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

/** Replaces specs that need a browser. */
export function itHasNoBrowser(): void {
  if (process.env['REQUIRE_BROWSER'] === '1') {
    it('is tested', () => {
      throw new Error('No Chromium is installed, but REQUIRE_BROWSER is set');
    });
  } else it('is skipped: no Chromium in CHROMIUM_PATH or the usual places');
}
