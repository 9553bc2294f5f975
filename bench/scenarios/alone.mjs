import { Buffer } from 'node:buffer';
import {
  createHmac,
  createPrivateKey,
  createPublicKey,
  createSecretKey,
  randomUUID,
  sign,
  timingSafeEqual,
  verify,
} from 'node:crypto';
import { NOBODY } from '../measure/requests.mjs';
import { CSRF, SECRET } from '../measure/tokens.mjs';

/**
 * Functions that verify or sign one token with the algorithm. `run` gets a new token each time. All keys are made in
 * advance.
 */
export async function contestantsFor(algorithm, peers, surroundings) {
  const keys = keysFor(algorithm, surroundings.keys);
  const skipped = [];
  const contestants = [];
  try {
    contestants.push(...ours(algorithm, keys, surroundings));
  } catch (error) {
    if (error.name !== 'JwtConfigurationError') throw error;
    skipped.push({ title: `${algorithm}, alone`, reason: error.message.split('\n')[0] });
  }
  contestants.push(...bareCrypto(algorithm, keys));
  if (algorithm === 'HS256') contestants.push(ourPair(keys, surroundings), twoSignatures(keys));
  if (!peers) return { contestants, skipped };
  // jsonwebtoken does not support Ed25519.
  if (algorithm !== 'EdDSA') contestants.push(...(await jsonwebtoken(algorithm, keys)));
  contestants.push(...(await fastJwt(algorithm, keys)), ...(await jose(algorithm, keys)));
  return { contestants, skipped };
}

function keysFor(algorithm, pems) {
  if (algorithm === 'HS256') {
    const secret = createSecretKey(Buffer.from(SECRET));
    return { signing: secret, verification: secret, pem: { signing: SECRET, verification: SECRET } };
  }
  const signing = createPrivateKey(pems[algorithm]);
  const verification = createPublicKey(signing);
  const pem = {
    signing: pems[algorithm],
    verification: verification.export({ type: 'spki', format: 'pem' }),
  };
  return { signing, verification, pem };
}

function newClaims() {
  const iat = Math.floor(Date.now() / 1000);
  return { sub: NOBODY, type: 'access', fresh: false, iat, nbf: iat, exp: iat + 900, csrf: CSRF };
}

function ours(algorithm, { signing }, { load, library }) {
  load('reflect-metadata');
  const { JwtManager } = load(library);
  const key = algorithm === 'HS256' ? { secretKey: signing } : { algorithm, privateKey: signing };
  const manager = new JwtManager(key);
  let seen;
  return [
    { library: 'ours', operation: 'verify', run: (token) => manager.decodeToken(token) },
    {
      library: 'ours, same token',
      operation: 'verify',
      run: (token) => manager.decodeToken((seen ??= token)),
    },
    { library: 'ours', operation: 'sign', run: () => manager.createAccessToken(NOBODY) },
  ];
}

/** The signature alone, which no library can avoid. */
function bareCrypto(algorithm, { signing, verification }) {
  const library = 'node:crypto, signature alone';
  const text = `${'x'.repeat(36)}.${'x'.repeat(300)}`;
  if (algorithm === 'HS256') {
    const hmac = (content) => createHmac('sha256', signing).update(content).digest();
    const run = (token) => {
      const dot = token.lastIndexOf('.');
      const signature = Buffer.from(token.slice(dot + 1), 'base64url');
      if (!timingSafeEqual(hmac(token.slice(0, dot)), signature)) throw new Error('A token is wrong');
    };
    return [
      { library, operation: 'verify', run },
      { library, operation: 'sign', run: () => hmac(text).toString('base64url') },
    ];
  }
  const hash = algorithm === 'EdDSA' ? null : 'sha256';
  const dsaEncoding = 'ieee-p1363';
  const run = (token) => {
    const dot = token.lastIndexOf('.');
    const signature = Buffer.from(token.slice(dot + 1), 'base64url');
    const content = Buffer.from(token.slice(0, dot));
    if (!verify(hash, content, { key: verification, dsaEncoding }, signature))
      throw new Error('A token is wrong');
  };
  const signed = () => sign(hash, Buffer.from(text), { key: signing, dsaEncoding }).toString('base64url');
  return [
    { library, operation: 'verify', run },
    { library, operation: 'sign', run: signed },
  ];
}

/** For another user each time, because the sessions of one would become many. */
function ourPair({ signing }, { load, library }) {
  const { JwtManager, MemoryRevocationStore } = load(library);
  const manager = new JwtManager({ secretKey: signing, revocationStore: new MemoryRevocationStore() });
  let users = 0;
  return {
    library: 'ours, memory store',
    operation: 'createTokenPair',
    run: () => manager.createTokenPair(`user-${users++}`),
  };
}

/** A pair by hand: the claims of two tokens as JSON, and two signatures. Nothing is stored. */
function twoSignatures({ signing }) {
  const header = encoded({ alg: 'HS256', typ: 'JWT' });
  const signed = (claims) => {
    const content = `${header}.${encoded({ ...claims, jti: randomUUID() })}`;
    return `${content}.${createHmac('sha256', signing).update(content).digest('base64url')}`;
  };
  return {
    library: 'node:crypto, two signatures by hand',
    operation: 'createTokenPair',
    run: () => ({
      accessToken: signed(newClaims()),
      refreshToken: signed({ ...newClaims(), type: 'refresh' }),
    }),
  };
}

function encoded(object) {
  return Buffer.from(JSON.stringify(object)).toString('base64url');
}

async function jsonwebtoken(algorithm, { signing, verification }) {
  const { default: jwt } = await import('jsonwebtoken');
  const library = 'jsonwebtoken, KeyObject';
  const algorithms = [algorithm];
  return [
    { library, operation: 'verify', run: (token) => jwt.verify(token, verification, { algorithms }) },
    { library, operation: 'sign', run: () => jwt.sign(newClaims(), signing, { algorithm }) },
  ];
}

/** Takes keys as text, and converts them to KeyObjects once. */
async function fastJwt(algorithm, { pem }) {
  const { createSigner, createVerifier } = await import('fast-jwt');
  const options = { key: pem.verification, algorithms: [algorithm] };
  const cached = createVerifier({ ...options, cache: true });
  const signed = createSigner({ key: pem.signing, algorithm });
  let seen;
  return [
    { library: 'fast-jwt', operation: 'verify', run: createVerifier(options) },
    { library: 'fast-jwt, cache', operation: 'verify', run: cached },
    { library: 'fast-jwt, cache, same token', operation: 'verify', run: (token) => cached((seen ??= token)) },
    { library: 'fast-jwt', operation: 'sign', run: () => signed(newClaims()) },
  ];
}

async function jose(algorithm, { signing, verification }) {
  const { jwtVerify, SignJWT } = await import('jose');
  const header = { alg: algorithm, typ: 'JWT' };
  const algorithms = [algorithm];
  return [
    { library: 'jose', operation: 'verify', run: (token) => jwtVerify(token, verification, { algorithms }) },
    {
      library: 'jose',
      operation: 'sign',
      run: () => new SignJWT(newClaims()).setProtectedHeader(header).sign(signing),
    },
  ];
}
