import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const FILE = path.join(__dirname, '../.secret');

/** A secret for this machine, made once, so that tokens survive a restart. In production set JWT_SECRET_KEY. */
export function developmentSecret(): string {
  if (!existsSync(FILE)) {
    writeFileSync(FILE, randomBytes(32).toString('base64url'), { mode: 0o600, flag: 'wx' });
  }
  return readFileSync(FILE, 'utf8');
}
