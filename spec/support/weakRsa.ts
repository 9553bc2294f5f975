import {
  createPrivateKey,
  createPublicKey,
  generatePrimeSync,
  randomBytes,
  checkPrimeSync,
} from 'node:crypto';
import type { Pair } from './keys';

const EXPONENT = 65537n;

/** The product of the first primes: 126 of them for keys of 1984 to 3936 bits, 225 for 4096 (CVE-2017-15361). */
function primorial(count: number): bigint {
  const primes: number[] = [];
  for (let each = 2; primes.length < count; each++) {
    if (primes.every((prime) => each % prime !== 0)) primes.push(each);
  }
  return primes.reduce((product, prime) => product * BigInt(prime), 1n);
}

export function powerOf(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let result = 1n;
  for (let [square, rest] = [base % modulus, exponent]; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = (result * square) % modulus;
    square = (square * square) % modulus;
  }
  return result;
}

function random(bits: number): bigint {
  return BigInt(`0x${randomBytes(bits / 8).toString('hex')}`);
}

export function randomPrime(bits: number): bigint {
  return generatePrimeSync(bits, { bigint: true });
}

/** A prime as the chips of CVE-2017-15361 made them: k · M + (65537^a mod M). */
function rocaPrime(bits: number, product: bigint): bigint {
  const lowest = (3n << BigInt(bits - 2)) / product + 1n;
  const room = (1n << BigInt(bits)) / product - lowest;
  for (;;) {
    const k = lowest + (random(bits) % room);
    const prime = k * product + powerOf(EXPONENT, random(256), product);
    if (checkPrimeSync(prime)) return prime;
  }
}

/** Two such primes. */
export function rocaFactors(bits = 2048): [bigint, bigint] {
  const product = primorial(bits >= 3968 ? 225 : 126);
  return [rocaPrime(bits / 2, product), rocaPrime(bits / 2, product)];
}

/** The next prime from here on. */
export function primeFrom(start: bigint): bigint {
  let prime = start | 1n;
  while (!checkPrimeSync(prime)) prime += 2n;
  return prime;
}

function inverse(value: bigint, modulus: bigint): bigint {
  let [a, b, x, y] = [value % modulus, modulus, 1n, 0n];
  while (b > 0n) [a, b, x, y] = [b, a % b, y, x - (a / b) * y];
  return ((x % modulus) + modulus) % modulus;
}

function text(value: bigint): string {
  const digits = value.toString(16);
  return Buffer.from(digits.padStart(digits.length + (digits.length % 2), '0'), 'hex').toString('base64url');
}

/** The RSA key pair of two primes. */
export function pairOf(p: bigint, q: bigint): Pair {
  const d = inverse(EXPONENT, (p - 1n) * (q - 1n));
  const parts = { n: p * q, e: EXPONENT, d, p, q, dp: d % (p - 1n), dq: d % (q - 1n), qi: inverse(q, p) };
  const jwk = Object.fromEntries(Object.entries(parts).map(([name, value]) => [name, text(value)]));
  const privateKey = createPrivateKey({ key: { kty: 'RSA', ...jwk }, format: 'jwk' });
  return { privateKey, publicKey: createPublicKey(privateKey) };
}
