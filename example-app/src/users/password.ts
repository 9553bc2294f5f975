import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';

const derive = promisify<string, Buffer, number, Buffer>(scrypt);

const SALT_BYTES = 16;
const HASH_BYTES = 32;

/** The salt and the scrypt hash of a password, as text. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const hash = await derive(password, salt, HASH_BYTES);
  return Buffer.concat([salt, hash]).toString('base64url');
}

export async function isPassword(password: string, stored: string): Promise<boolean> {
  const bytes = Buffer.from(stored, 'base64url');
  const hash = await derive(password, bytes.subarray(0, SALT_BYTES), HASH_BYTES);
  return timingSafeEqual(hash, bytes.subarray(SALT_BYTES));
}
