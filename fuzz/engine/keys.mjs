import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const FILE = path.join(import.meta.dirname, '..', '..', 'build', 'fuzz', 'keys.json');

/** Pairs of keys, kept between runs, because RSA keys take seconds to make. */
export const { RSA, OTHER_RSA, WEAK_RSA, EC, ED } = Object.fromEntries(
  Object.entries(kept() ?? made()).map(([name, pem]) => [
    name,
    { privateKey: createPrivateKey(pem), publicKey: createPublicKey(pem) },
  ]),
);

function kept() {
  try {
    return JSON.parse(readFileSync(FILE, 'utf8'));
  } catch {
    return undefined;
  }
}

function made() {
  const pems = {
    RSA: pemOf('rsa', { modulusLength: 2048 }),
    OTHER_RSA: pemOf('rsa', { modulusLength: 2048 }),
    WEAK_RSA: pemOf('rsa', { modulusLength: 1024 }),
    EC: pemOf('ec', { namedCurve: 'P-256' }),
    ED: pemOf('ed25519'),
  };
  mkdirSync(path.dirname(FILE), { recursive: true });
  writeFileSync(FILE, JSON.stringify(pems));
  return pems;
}

function pemOf(type, options) {
  return generateKeyPairSync(type, options).privateKey.export({ format: 'pem', type: 'pkcs8' });
}
