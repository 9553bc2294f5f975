import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ROOT } from '../support/root';
import { palettePng } from './palettePng';

const FOLDER = path.join(ROOT, 'docs/images');
const TAKEN_OF = path.join(FOLDER, 'example-taken-of.txt');
const PUBLIC = path.join(ROOT, 'example-app/public');

/** `npm run screenshots` takes the pictures. All other runs of the specs look at them only. */
export const isTaking = process.env['UPDATE_SCREENSHOTS'] === '1';

export function pictureNamed(name: string): Buffer | undefined {
  const file = path.join(FOLDER, name);
  return existsSync(file) ? readFileSync(file) : undefined;
}

export function keepPicture(name: string, png: Buffer): void {
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(path.join(FOLDER, name), palettePng(png));
}

/** What the committed pictures were taken of. */
export function takenOf(): string {
  return existsSync(TAKEN_OF) ? readFileSync(TAKEN_OF, 'utf8') : '';
}

export function keepTakenOf(fingerprint: string): void {
  writeFileSync(TAKEN_OF, fingerprint);
}

/**
 * Changes with the files of the page and with what it says, but not with times and ids, nor with the order in which
 * requests were answered.
 */
export function fingerprintOf(text: string): string {
  const hash = createHash('sha256');
  const files = readdirSync(PUBLIC, { recursive: true, encoding: 'utf8' });
  for (const file of files.filter((each) => /\.(html|css|js)$/.test(each) && !each.startsWith('api')).sort())
    hash.update(`${file}\n${readFileSync(path.join(PUBLIC, file), 'utf8')}\n`);
  const constant = text.replaceAll(/[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}/g, '…').replaceAll(/\d+/g, '0');
  const lines = constant.split('\n').map((line) => line.trim());
  return [hash.digest('hex'), ...lines.filter(Boolean).sort(), ''].join('\n');
}
