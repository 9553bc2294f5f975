import crypto, { createSecretKey } from 'node:crypto';
import { expect } from 'chai';
import { JwtManager, type JwtOptions } from '../../src/index';
import type { UnverifiedToken } from '../../src/token/CompactToken';
import { TokenCache, type KnownToken } from '../../src/token/TokenCache';
import { claimsOf, forge, hmac, now } from '../support/forge';
import { rejection } from '../support/rejection';
import { SECRET } from '../support/secret';

const key = createSecretKey(Buffer.from(SECRET));

function known(): KnownToken {
  const token = { header: { alg: 'HS256' }, claims: {} } as unknown as UnverifiedToken;
  return { ...token, key, verified: { header: token.header, payload: {} as never, identity: 'alice' } };
}

/** How many times an HMAC is made meanwhile, which is how often a signature is looked at. */
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

describe('TokenCache', () => {
  it('remembers by the whole text', () => {
    const cache = new TokenCache(100, 1_000_000);
    const token = known();
    cache.keep('a.b.c', token);
    expect(cache.get('a.b.c')).to.equal(token);
    for (const other of ['a.b.d', 'a.b', 'a.b.c ', 'A.b.c', '']) expect(cache.get(other)).to.equal(undefined);
    cache.forget('a.b.c');
    expect(cache.get('a.b.c')).to.equal(undefined);
  });

  it('is bounded by entries and by bytes', () => {
    for (const cache of [new TokenCache(100, 1e9), new TokenCache(1e6, 100 * (1000 + 4 * 300))]) {
      const texts = Array.from({ length: 1000 }, (_, i) => String(i).padStart(300, 'x'));
      for (const text of texts) {
        cache.keep(text, known());
        cache.get(text);
      }
      const kept = texts.filter((text) => cache.get(text) !== undefined).length;
      expect(kept).to.be.within(50, 100);
    }
  });

  it('keeps those that come again, however many come once', () => {
    const cache = new TokenCache(100, 1e9);
    const regulars = Array.from({ length: 70 }, (_, i) => `regular ${i}`);
    for (const text of regulars) {
      cache.keep(text, known());
      cache.get(text);
    }
    for (let i = 0; i < 10_000; i++) cache.keep(`stranger ${i}`, known());
    expect(regulars.filter((text) => cache.get(text) === undefined)).to.deep.equal([]);
  });

  it('keeps nothing of a request but the text', () => {
    const header = `Bearer ${'a'.repeat(100)}`;
    const cache = new TokenCache(10, 1e6);
    cache.keep(header.slice(7), known());
    expect(cache.get('a'.repeat(100))).to.not.equal(undefined);
  });
});

describe('A manager that remembers tokens', () => {
  function managerWith(options: JwtOptions = {}): JwtManager {
    return new JwtManager({ secretKey: SECRET, loaders: [], ...options });
  }

  it('looks at the signature of a token once', async () => {
    const manager = managerWith();
    const token = await manager.createAccessToken('alice');
    const hmacs = await countHmacs(async () => {
      for (let i = 0; i < 5; i++) expect((await manager.decodeToken(token)).sub).to.equal('alice');
    });
    expect(hmacs).to.equal(1);
  });

  it('looks at it each time where the cache is switched off', async () => {
    const manager = managerWith({ tokenCacheEntries: 0 });
    const token = await manager.createAccessToken('alice');
    expect(
      await countHmacs(() => manager.decodeToken(token).then(() => manager.decodeToken(token))),
    ).to.equal(2);
  });

  it('never remembers a bad token, and looks at it once each time', async () => {
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

  it('looks at every claim each time', async () => {
    const manager = managerWith({ decodeLeeway: 0 });
    const until = now() + 60;
    const token = forge({ claims: claimsOf({ exp: until, nbf: now() - 10, iat: now() - 10 }) });
    await manager.decodeToken(token);
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

  it('hands out what nobody can change, to the last level', async () => {
    const manager = managerWith();
    const token = forge({ claims: claimsOf({ deep: { list: [{ of: 'objects' }] } }) });
    for (let i = 0; i < 2; i++) {
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
    await one.decodeToken(token);
    expect((await rejection(other.decodeToken(token))).message).to.equal('Signature verification failed');
  });

  it('takes no other spelling of a token that it remembers', async () => {
    const manager = managerWith();
    const token = await manager.createAccessToken('alice');
    await manager.decodeToken(token);
    for (const other of [`${token}=`, `${token} `, token.replace('.', '..'), `${token}.`, token.slice(0, -1)])
      expect((await rejection(manager.decodeToken(other))).name).to.equal('InvalidTokenError');
  });
});
