import { hash, verify } from '@node-rs/argon2';

/** An Argon2id hash with its salt and parameters. OWASP recommends the defaults: 19 MiB, two passes. */
export function hashPassword(password: string): Promise<string> {
  return hash(password);
}

export function isPassword(password: string, passwordHash: string): Promise<boolean> {
  return verify(passwordHash, password);
}
