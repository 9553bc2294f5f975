import { createPublicKey, type KeyObject } from 'node:crypto';

/**
 * Why the private part of an RSA key can be computed from its public part, as far as that can be seen within a
 * millisecond. Undefined when nothing is seen. Each key is looked at once.
 */
export function rsaWeaknessOf(key: KeyObject): string | undefined {
  if (known.has(key)) return known.get(key);
  const { n = '' } = (key.type === 'private' ? createPublicKey(key) : key).export({ format: 'jwk' });
  const modulus = BigInt(`0x${Buffer.from(n, 'base64url').toString('hex')}`);
  const [, why] = WEAKNESSES.find(([isWeak]) => isWeak(modulus)) ?? [];
  const weakness = why && `${why}, so its private part can be computed. ${HOW_TO_RSA}`;
  known.set(key, weakness);
  return weakness;
}

/** A decode key loader's key is asked about for each token. */
const known = new WeakMap<KeyObject, string | undefined>();

const HOW_TO_RSA = 'Make a new key with: openssl genpkey -algorithm rsa -pkeyopt rsa_keygen_bits:3072';

const WEAKNESSES: readonly (readonly [(modulus: bigint) => boolean, string])[] = [
  [hasSmallFactor, 'its modulus has a small factor'],
  [isRoca, 'its modulus has the pattern of keys that faulty chips made (ROCA, CVE-2017-15361)'],
  [hasCloseFactors, 'the factors of its modulus are close together (CVE-2022-26320)'],
];

function hasSmallFactor(modulus: bigint): boolean {
  return smallPrimes().some((prime) => modulus % prime === 0n);
}

/** The primes of a ROCA key of 1984 bits or more are powers of 65537 modulo each of the primes up to this one. */
const LAST_ROCA_PRIME = 701n;

/**
 * Whether a modulus is a power of 65537 modulo every prime up to 701, as the product of two such primes must be. Of
 * other moduli one in 2^167 is.
 */
function isRoca(modulus: bigint): boolean {
  return smallPrimes().every(
    (prime) => prime === 2n || prime > LAST_ROCA_PRIME || isPowerOf65537(modulus % prime, prime),
  );
}

function isPowerOf65537(residue: bigint, prime: bigint): boolean {
  let power = 1n;
  do {
    if (power === residue) return true;
    power = (power * 65537n) % prime;
  } while (power !== 1n);
  return false;
}

/** More would find no key that somebody has seen: those of CVE-2022-26320 take one. */
const FERMAT_STEPS = 100;

/** Fermat's way to factor: it looks for a² - n = b², from the root of n on. */
function hasCloseFactors(modulus: bigint): boolean {
  let a = rootOf(modulus);
  if (a * a < modulus) a++;
  for (let step = 0; step < FERMAT_STEPS; step++, a++) {
    const square = a * a - modulus;
    if (mayBeSquare(square) && rootOf(square) ** 2n === square) return true;
  }
  return false;
}

/** The whole part of the square root, by Newton's way. */
function rootOf(value: bigint): bigint {
  if (value < 2n) return value;
  let root = 1n << BigInt(Math.ceil(value.toString(16).length * 2));
  for (;;) {
    const next = (root + value / root) >> 1n;
    if (next >= root) return root;
    root = next;
  }
}

/** 16 · 9 · 5 · 7: modulo this, one number in 26 is a square. */
const MODULUS = 5040;
let squares: Uint8Array | undefined;

/** False for nearly every number that is no square, much faster than its root is found. */
function mayBeSquare(value: bigint): boolean {
  if (squares === undefined) {
    squares = new Uint8Array(MODULUS);
    for (let root = 0; root < MODULUS; root++) squares[(root * root) % MODULUS] = 1;
  }
  return squares[Number(value % BigInt(MODULUS))] === 1;
}

let primes: readonly bigint[] | undefined;

/** Below 1000. Made when the first RSA key comes. */
function smallPrimes(): readonly bigint[] {
  if (primes !== undefined) return primes;
  const found: bigint[] = [];
  const isMultiple = new Uint8Array(1000);
  for (let each = 2; each < isMultiple.length; each++) {
    if (isMultiple[each] === 1) continue;
    found.push(BigInt(each));
    for (let multiple = each * each; multiple < isMultiple.length; multiple += each) isMultiple[multiple] = 1;
  }
  return (primes = found);
}
