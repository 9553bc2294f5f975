import crypto, { createSecretKey } from 'node:crypto';
import { expect } from 'chai';
import { JwtManager, type JwtOptions } from '../../src/index';
import type { UnverifiedToken } from '../../src/token/CompactToken';
import { TokenCache, type CachedToken } from '../../src/token/TokenCache';
import { claimsOf, forge, hmac, now } from '../support/forge';
import { rejection } from '../support/rejection';
import { SECRET } from '../support/secret';

const key = createSecretKey(Buffer.from(SECRET));

function known(): CachedToken {
  const token = { header: { alg: 'HS256' }, claims: {} } as unknown as UnverifiedToken;
  return { ...token, key, verified: { header: token.header, payload: {} as never, identity: 'alice' } };
}

/** Counts the HMACs made meanwhile. */
async function countHmacs(during: () => Promise<unknown>): Promise<number> {
  const { createHmac } = crypto;
  let count = 0;
  crypto.createHmac = (...given: Parameters<typeof createHmac>) => {
    count++;
    return createHmac(...given);
  };
  try {
    await during();
  } finally {
    crypto.createHmac = createHmac;
  }
  return count;
}

/** Text like a token, with a different signature each. */
function textOf(i: number): string {
  return `header.claims.${crypto.createHash('sha256').update(String(i)).digest('base64url')}`;
}

/** The cache keeps a token at its second use. */
function keepTwice(cache: TokenCache, text: string, token = known()): void {
  cache.add(text, token);
  cache.add(text, token);
}

describe('TokenCache', () => {
  it('finds entries by the whole text', () => {
    const cache = new TokenCache(100, 1_000_000);
    const [token, text] = [known(), textOf(1)];
    keepTwice(cache, text, token);
    expect(cache.get(text)).to.equal(token);
    for (const other of [textOf(2), text.slice(1), `${text} `, text.toUpperCase(), ''])
      expect(cache.get(other)).to.equal(undefined);
    cache.delete(text);
    expect(cache.get(text)).to.equal(undefined);
  });

  it('keeps a token at its second use', () => {
    const cache = new TokenCache(100, 1_000_000);
    cache.add(textOf(1), known());
    expect(cache.get(textOf(1))).to.equal(undefined);
    cache.add(textOf(1), known());
    expect(cache.get(textOf(1))).to.not.equal(undefined);
  });

  it('is bounded by entries and by bytes', () => {
    for (const cache of [
      new TokenCache(100, 1e9),
      new TokenCache(1e6, 100 * (1000 + 4 * textOf(0).length)),
    ]) {
      for (let i = 0; i < 1000; i++) keepTwice(cache, textOf(i));
      const kept = Array.from({ length: 1000 }, (_, i) => cache.get(textOf(i))).filter(Boolean);
      expect(kept).to.have.lengthOf(100);
    }
  });

  it('keeps reused tokens, even if many others come once', () => {
    const cache = new TokenCache(100, 1e9);
    for (let i = 0; i < 100; i++) keepTwice(cache, textOf(i));
    for (let i = 100; i < 50_000; i++) cache.add(textOf(i), known());
    const kept = Array.from({ length: 100 }, (_, i) => cache.get(textOf(i))).filter(Boolean);
    expect(kept.length).to.be.greaterThan(50);
  });
});

describe('A manager with a token cache', () => {
  function managerWith(options: JwtOptions = {}): JwtManager {
    return new JwtManager({ secretKey: SECRET, loaders: [], ...options });
  }

  it('verifies the signature of a token only twice', async () => {
    const manager = managerWith();
    const token = await manager.createAccessToken('alice');
    const hmacs = await countHmacs(async () => {
      for (let i = 0; i < 5; i++) expect((await manager.decodeToken(token)).sub).to.equal('alice');
    });
    expect(hmacs).to.equal(2);
  });

  it('verifies it every time if the cache is switched off', async () => {
    const manager = managerWith({ tokenCacheEntries: 0 });
    const token = await manager.createAccessToken('alice');
    expect(
      await countHmacs(() => manager.decodeToken(token).then(() => manager.decodeToken(token))),
    ).to.equal(2);
  });

  it('never caches a bad token, and verifies it once each time', async () => {
    const manager = managerWith({ decodeAudience: 'api' });
    const bad = [
      forge({ signer: hmac('another secret, which is long enough') }),
      forge({ claims: claimsOf({ aud: 'other' }) }),
      forge({ claims: claimsOf({ aud: 'api', exp: now() - 1 }) }),
      forge({ claims: claimsOf({ aud: 'api', type: 'other' }) }),
    ];
    for (const token of bad) {
      const hmacs = await countHmacs(async () => {
        for (let i = 0; i < 3; i++) await rejection(manager.decodeToken(token));
      });
      expect(hmacs).to.equal(3);
    }
  });

  it('checks every claim every time', async () => {
    const manager = managerWith({ decodeLeeway: 0 });
    const until = now() + 60;
    const token = forge({ claims: claimsOf({ exp: until, nbf: now() - 10, iat: now() - 10 }) });
    for (let i = 0; i < 3; i++) await manager.decodeToken(token);
    const { now: clock } = Date;
    try {
      Date.now = () => until * 1000;
      expect((await rejection(manager.decodeToken(token))).message).to.equal('Token has expired');
      Date.now = () => (until - 100) * 1000;
      expect((await rejection(manager.decodeToken(token))).message).to.match(/not yet valid/);
    } finally {
      Date.now = clock;
    }
    expect((await manager.decodeToken(token)).sub).to.equal('alice');
  });

  it('returns deeply frozen claims', async () => {
    const manager = managerWith();
    const token = forge({ claims: claimsOf({ deep: { list: [{ of: 'objects' }] } }) });
    for (let i = 0; i < 4; i++) {
      const payload = (await manager.decodeToken(token)) as unknown as {
        sub: string;
        deep: { list: object[] };
      };
      for (const frozen of [payload, payload.deep, payload.deep.list, payload.deep.list[0]])
        expect(Object.isFrozen(frozen)).to.equal(true);
      expect(() => (payload.sub = 'mallory')).to.throw(TypeError);
    }
  });

  it('shares nothing with another manager', async () => {
    const [one, other] = [managerWith(), managerWith({ secretKey: 'another secret, which is long enough' })];
    const token = await one.createAccessToken('alice');
    for (let i = 0; i < 3; i++) await one.decodeToken(token);
    expect((await rejection(other.decodeToken(token))).message).to.equal('Signature verification failed');
  });

  it('accepts no other spelling of a cached token', async () => {
    const manager = managerWith();
    const token = await manager.createAccessToken('alice');
    for (let i = 0; i < 3; i++) await manager.decodeToken(token);
    for (const other of [`${token}=`, `${token} `, token.replace('.', '..'), `${token}.`, token.slice(0, -1)])
      expect((await rejection(manager.decodeToken(other))).name).to.equal('InvalidTokenError');
  });
});
