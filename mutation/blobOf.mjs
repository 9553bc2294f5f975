import { Buffer } from 'node:buffer';
import { createHash } from 'node:crypto';

/** The name that Git gives to a file's contents. */
export function blobOf(contents) {
  const bytes = Buffer.from(contents);
  return createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex');
}
