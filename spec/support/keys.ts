import { generateKeyPairSync, type KeyObject } from 'node:crypto';

export interface Pair {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

/** Made once, because RSA keys take long. */
export const RSA: Pair = generateKeyPairSync('rsa', { modulusLength: 2048 });
export const OTHER_RSA: Pair = generateKeyPairSync('rsa', { modulusLength: 2048 });
export const EC: Readonly<Record<256 | 384 | 512, Pair>> = {
  256: generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  384: generateKeyPairSync('ec', { namedCurve: 'P-384' }),
  512: generateKeyPairSync('ec', { namedCurve: 'P-521' }),
};
export const ED25519: Pair = generateKeyPairSync('ed25519');

export function privatePem(key: KeyObject): string {
  return key.export({ format: 'pem', type: 'pkcs8' }).toString();
}

export function publicPem(key: KeyObject): string {
  return key.export({ format: 'pem', type: 'spki' }).toString();
}
