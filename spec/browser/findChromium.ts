import { existsSync } from 'node:fs';

const USUAL = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/** The browser of `CHROMIUM_PATH`, or one in a usual place. */
export function findChromium(): string | undefined {
  const { CHROMIUM_PATH: configured } = process.env;
  return configured ?? USUAL.find((file) => existsSync(file));
}
