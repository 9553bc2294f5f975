import { createHash, generateKeyPairSync, randomBytes } from 'node:crypto';
import { expect } from 'chai';
import { Service } from 'typedi';
import {
  DecodeKeyLoader,
  EncodeKeyLoader,
  JwtConfigurationError,
  JwtManager,
  type JwtKey,
  type JwtOptions,
  type KeyMaterial,
  type UnverifiedEvent,
} from '../../src/index';
import { ecdsa, ed25519, forge, hmac, opened, rsa, type Signer } from '../support/forge';
import { EC, ED25519, OTHER_RSA, privatePem, publicPem, RSA } from '../support/keys';
import { rejection } from '../support/rejection';
import { SECRET } from '../support/secret';
import { provide } from '../support/Server';

const OLD_SECRET = 'the secret of last year, which still verifies';
const BAD_SIGNATURE = 'Signature verification failed';

function managerOf(...keys: JwtKey[]): JwtManager {
  return new JwtManager({ keys, loaders: [] });
}

function refuses(keys: readonly JwtKey[], message: RegExp, options: JwtOptions = {}): void {
  expect(() => new JwtManager({ keys, loaders: [], ...options })).to.throw(JwtConfigurationError, message);
}

/** Asserts that a token made by hand is accepted, or refused with `msg`. */
async function judge(
  manager: JwtManager,
  header: object,
  signer: Signer,
  isGood: boolean,
  msg = BAD_SIGNATURE,
): Promise<void> {
  const token = forge({ header: { typ: 'JWT', ...header }, signer });
  if (isGood) expect((await manager.decodeToken(token)).sub).to.equal('alice');
  else expect(await rejection(manager.decodeToken(token))).to.include({ message: msg, status: 422 });
}

describe('A ring of keys', () => {
  const secrets = managerOf({ kid: 'new', secretKey: SECRET }, { kid: 'old', secretKey: OLD_SECRET });

  it('signs with the first key and sets its kid', async () => {
    const token = await secrets.createAccessToken('alice');
    expect(opened(token).header).to.deep.equal({ alg: 'HS256', typ: 'JWT', kid: 'new' });
    await judge(secrets, opened(token).header, hmac(SECRET), true);
  });

  it('verifies with the key that the token names, and with no other', async () => {
    await judge(secrets, { alg: 'HS256', kid: 'old' }, hmac(OLD_SECRET), true);
    await judge(secrets, { alg: 'HS256', kid: 'old' }, hmac(SECRET), false);
    await judge(secrets, { alg: 'HS256', kid: 'new' }, hmac(OLD_SECRET), false);
  });

  it('tries no key for an unknown kid', async () => {
    for (const kid of ['other', '', 'NEW', 'new ', 'constructor', '__proto__', 'toString', '0', 'undefined'])
      for (const secret of [SECRET, OLD_SECRET])
        await judge(secrets, { alg: 'HS256', kid }, hmac(secret), false);
  });

  it('refuses a token without a kid if several keys have one', async () => {
    for (const secret of [SECRET, OLD_SECRET]) await judge(secrets, { alg: 'HS256' }, hmac(secret), false);
  });

  it('with one key accepts tokens without a kid, but no other kid', async () => {
    const one = managerOf({ kid: 'new', secretKey: SECRET });
    await judge(one, { alg: 'HS256' }, hmac(SECRET), true);
    await judge(one, { alg: 'HS256', kid: 'old' }, hmac(SECRET), false);
  });

  it('can hold a secret without a kid for tokens from before the ring', async () => {
    const before = await new JwtManager({ secretKey: OLD_SECRET, loaders: [] }).createAccessToken('alice');
    const ring = managerOf({ kid: 'new', secretKey: SECRET }, { secretKey: OLD_SECRET });
    expect(opened(before).header).to.not.have.property('kid');
    expect((await ring.decodeToken(before)).sub).to.equal('alice');
    await judge(ring, { alg: 'HS256', kid: 'any' }, hmac(OLD_SECRET), false);
    await judge(ring, { alg: 'HS256' }, hmac(SECRET), false);
  });

  describe('of which one is marked withoutKid', () => {
    const newPair: JwtKey = { kid: 'new', algorithm: 'EdDSA', privateKey: ED25519.privateKey };
    const oldPair: JwtKey = { algorithm: 'RS256', publicKey: RSA.publicKey, withoutKid: true };
    const evil = hmac(publicPem(RSA.publicKey));

    it('verifies tokens without a kid with that key, and with its algorithm only', async () => {
      const ring = managerOf(newPair, oldPair);
      await judge(ring, { alg: 'RS256' }, rsa(RSA.privateKey), true);
      await judge(ring, { alg: 'RS256' }, rsa(OTHER_RSA.privateKey), false);
      await judge(ring, { alg: 'EdDSA' }, ed25519(ED25519.privateKey), false);
      await judge(ring, { alg: 'RS256', kid: 'new' }, rsa(RSA.privateKey), false);
      await judge(ring, { alg: 'RS256', kid: 'any' }, rsa(RSA.privateKey), false);
      await judge(ring, { alg: 'HS256' }, evil, false, NOT_ALLOWED);
      expect(opened(await ring.createAccessToken('alice')).header).to.include({ alg: 'EdDSA', kid: 'new' });
    });

    it('verifies the tokens that name that key too, by its kid or thumbprint', async () => {
      const { kid: name } = new JwtManager({
        algorithm: 'RS256',
        privateKey: RSA.privateKey,
        loaders: [],
      }).jwks().keys[0] as { kid: string };
      await judge(managerOf(newPair, oldPair), { alg: 'RS256', kid: name }, rsa(RSA.privateKey), true);
      const ring = managerOf(newPair, { ...oldPair, kid: 'old' });
      for (const header of [{ alg: 'RS256' }, { alg: 'RS256', kid: 'old' }])
        await judge(ring, header, rsa(RSA.privateKey), true);
      await judge(ring, { alg: 'RS256', kid: name }, rsa(RSA.privateKey), false);
    });

    it('may mark a secret or the key that signs', async () => {
      const ring = managerOf({ kid: 'a', secretKey: SECRET, withoutKid: true }, newPair);
      await judge(ring, { alg: 'HS256' }, hmac(SECRET), true);
      await judge(ring, { alg: 'HS256' }, hmac(OLD_SECRET), false);
      expect(opened(await ring.createAccessToken('alice')).header).to.include({ kid: 'a' });
    });

    it('lets tokens of a manager with a single key pair in, as flask-jwt-extended writes them', async () => {
      const token = forge({ header: { alg: 'RS256', typ: 'JWT' }, signer: rsa(RSA.privateKey) });
      const before = new JwtManager({ algorithm: 'RS256', publicKey: RSA.publicKey, loaders: [] });
      for (const manager of [before, managerOf(newPair, oldPair)])
        expect((await manager.decodeToken(token)).sub).to.equal('alice');
      for (const refusing of [managerOf(newPair, { ...oldPair, withoutKid: false }), managerOf(newPair)])
        expect((await rejection(refusing.decodeToken(token))).status).to.equal(422);
    });

    it('is refused if it is not the only one', () => {
      const both = /^Options keys\[0\] and keys\[1\] are both for tokens without a kid: only one may be$/;
      refuses([{ ...newPair, withoutKid: true }, oldPair], both);
      refuses([{ secretKey: SECRET }, oldPair], both);
      refuses(
        [newPair, { ...oldPair, withoutKid: 'yes' as never }],
        /keys\[1\]\.withoutKid must be true or false/,
      );
      refuses([newPair, { secretKey: SECRET, withoutKid: false }], /^Option keys\[1\] needs a kid$/);
    });

    it('may be none, even of a single key', async () => {
      const one = managerOf({ ...oldPair, kid: 'a', withoutKid: false });
      await judge(one, { alg: 'RS256', kid: 'a' }, rsa(RSA.privateKey), true);
      await judge(one, { alg: 'RS256' }, rsa(RSA.privateKey), false);
    });
  });

  it('binds each key to its algorithm, not to that of the token (RFC 8725 §3.1)', async () => {
    const ring = managerOf(
      { kid: 'ed', algorithm: 'EdDSA', privateKey: ED25519.privateKey },
      { kid: 'rs', algorithm: 'RS256', publicKey: RSA.publicKey },
      { kid: 'rs512', algorithm: 'RS512', publicKey: OTHER_RSA.publicKey },
      { kid: 'es', algorithm: 'ES256', publicKey: EC[256].publicKey },
      { kid: 'hs', algorithm: 'HS256', secretKey: SECRET },
    );
    const signers: Record<string, [string, Signer]> = {
      ed: ['EdDSA', ed25519(ED25519.privateKey)],
      rs: ['RS256', rsa(RSA.privateKey)],
      rs512: ['RS512', rsa(OTHER_RSA.privateKey, 'sha512')],
      es: ['ES256', ecdsa(EC[256].privateKey)],
      hs: ['HS256', hmac(SECRET)],
    };
    for (const [kid, [own]] of Object.entries(signers))
      for (const [alg, signer] of Object.values(signers))
        await judge(ring, { alg, kid }, signer, alg === own);
    await judge(ring, { alg: 'RS512', kid: 'rs' }, rsa(RSA.privateKey, 'sha512'), false);
    await judge(ring, { alg: 'RS256', kid: 'rs512' }, rsa(OTHER_RSA.privateKey), false);
    await judge(ring, { alg: 'HS512', kid: 'hs' }, hmac(SECRET, 'sha512'), false, NOT_ALLOWED);
  });

  it('never uses its public keys as HMAC secrets, in any encoding (CVE-2015-9235)', async () => {
    const ring = managerOf(
      { kid: 'rs', algorithm: 'RS256', privateKey: RSA.privateKey },
      { kid: 'ed', algorithm: 'EdDSA', publicKey: ED25519.publicKey },
      { kid: 'hs', algorithm: 'HS256', secretKey: SECRET },
    );
    for (const secret of encodingsOf(RSA.publicKey).concat(encodingsOf(ED25519.publicKey)))
      for (const kid of ['rs', 'ed', 'hs', undefined])
        for (const alg of ['HS256', 'RS256', 'EdDSA'])
          await judge(ring, { alg, ...(kid !== undefined && { kid }) }, hmac(secret), false);
  });

  it('refuses a public or private key as a secret, in any encoding, at start', () => {
    const keys = [RSA, EC[256], ED25519].flatMap(({ publicKey, privateKey }) => [
      ...encodingsOf(publicKey),
      privatePem(privateKey),
      privateKey.export({ format: 'der', type: 'pkcs8' }),
      JSON.stringify(privateKey.export({ format: 'jwk' })),
    ]);
    for (const secretKey of keys)
      refuses(
        [
          { kid: 'ok', secretKey: SECRET },
          { kid: 'x', secretKey },
        ],
        /^Option keys\[1\]\.secretKey/,
      );
  });

  it('refuses keys that do not fit, and says which', () => {
    const good = { kid: 'good', secretKey: SECRET };
    refuses([good, { kid: 'x', secretKey: 'short' }], /^Option keys\[1\]\.secretKey does not fit HS256/);
    refuses(
      [good, { kid: 'x', algorithm: 'EdDSA', publicKey: EC[256].publicKey }],
      /^Option keys\[1\]\.publicKey does not fit EdDSA: it must be an Ed25519 key, not ec/,
    );
    refuses(
      [good, { kid: 'x', algorithm: 'EdDSA', secretKey: SECRET }],
      /^Option keys\[1\]\.secretKey is not for/,
    );
    refuses(
      [good, { kid: 'x', privateKey: RSA.privateKey }],
      /^Option keys\[1\]\.privateKey is not for HS256/,
    );
    refuses([good, { kid: 'x' }], /^Option keys\[1\] has no key for HS256/);
    refuses([good, { kid: 'x', algorithm: 'RS256' }], /^Option keys\[1\] has no key for RS256/);
  });

  it('refuses kids that are not unique', () => {
    const [secretKey, other] = [SECRET, OLD_SECRET];
    refuses(
      [
        { kid: 'a', secretKey },
        { kid: 'a', secretKey: other },
      ],
      /keys\[1\] has the kid of another key, a$/,
    );
    refuses([{ secretKey }, { secretKey: other }], /keys\[1\] needs a kid/);
    const pair = { algorithm: 'EdDSA', privateKey: ED25519.privateKey } as const;
    refuses([pair, pair], /keys\[1\] has the kid of another key/);
  });

  it('refuses a first key that cannot sign if another can', () => {
    const { publicKey } = RSA;
    refuses(
      [
        { kid: 'a', algorithm: 'RS256', publicKey },
        { kid: 'b', algorithm: 'EdDSA', privateKey: ED25519.privateKey },
      ],
      /^Option keys\[0\] is the key that signs, so it needs a privateKey/,
    );
  });

  it('of public keys only verifies but cannot sign', async () => {
    const verifier = managerOf(
      { kid: 'a', algorithm: 'RS256', publicKey: RSA.publicKey },
      { kid: 'b', algorithm: 'EdDSA', publicKey: ED25519.publicKey },
    );
    await judge(verifier, { alg: 'EdDSA', kid: 'b' }, ed25519(ED25519.privateKey), true);
    expect((await rejection(verifier.createAccessToken('alice'))).name).to.equal('JwtConfigurationError');
  });

  it('refuses decodeAlgorithms, because each key has its own', () => {
    refuses([{ secretKey: SECRET }], /^Option decodeAlgorithms is not for keys/, {
      decodeAlgorithms: ['HS512'],
    });
  });

  it('uses the option algorithm for keys that name none', async () => {
    const manager = new JwtManager({
      algorithm: 'EdDSA',
      keys: [{ privateKey: ED25519.privateKey }, { algorithm: 'RS256', publicKey: RSA.publicKey }],
      loaders: [],
    });
    expect(opened(await manager.createAccessToken('alice')).header).to.include({ alg: 'EdDSA' });
  });

  it('does not let the caller set the kid', async () => {
    const error = await rejection(secrets.createAccessToken('alice', { additionalHeaders: { kid: 'old' } }));
    expect(error.message).to.equal('Header kid is set by the library and cannot be overridden');
  });

  it('is copied: later changes by the caller have no effect', async () => {
    const secretKey = randomBytes(32);
    const entry = { kid: 'a', secretKey };
    const keys = [entry];
    const manager = new JwtManager({ keys, loaders: [] });
    const token = await manager.createAccessToken('alice');
    keys.push({ kid: 'b', secretKey: randomBytes(32) });
    entry.kid = 'b';
    secretKey.fill(0);
    expect((await manager.decodeToken(token)).sub).to.equal('alice');
    expect(JSON.stringify(manager.config)).to.not.include('secretKey');
    expect(manager.config).to.not.have.any.keys('keys');
  });

  it('names a key pair by its thumbprint (RFC 7638 §3.1), unless it has a kid', async () => {
    const { n = '' } = RSA.publicKey.export({ format: 'jwk' });
    const thumbprint = createHash('sha256').update(`{"e":"AQAB","kty":"RSA","n":"${n}"}`).digest('base64url');
    const manager = new JwtManager({ algorithm: 'RS256', privateKey: RSA.privateKey, loaders: [] });
    expect(opened(await manager.createAccessToken('alice')).header['kid']).to.equal(thumbprint);
    expect(manager.jwks().keys[0]?.kid).to.equal(thumbprint);
  });
});

describe('A single key', () => {
  it('verifies tokens with any kid if it has none itself', async () => {
    for (const options of [
      { secretKey: SECRET },
      { algorithm: 'RS256', publicKey: RSA.publicKey },
    ] as const) {
      const manager = new JwtManager({ ...options, loaders: [] });
      const [alg, signer] = 'secretKey' in options ? ['HS256', hmac(SECRET)] : ['RS256', rsa(RSA.privateKey)];
      await judge(manager, { alg }, signer, true);
      await judge(manager, { alg, kid: 'theirs' }, signer, true);
    }
  });

  it('has a kid if it is a private key, and then refuses other kids', async () => {
    const manager = new JwtManager({ algorithm: 'RS256', privateKey: RSA.privateKey, loaders: [] });
    await judge(manager, { alg: 'RS256' }, rsa(RSA.privateKey), true);
    await judge(manager, { alg: 'RS256', kid: 'theirs' }, rsa(RSA.privateKey), false);
  });
});

describe('EdDSA', () => {
  const manager = new JwtManager({ algorithm: 'EdDSA', privateKey: ED25519.privateKey, loaders: [] });
  const other = generateKeyPairSync('ed25519');

  it('accepts only signatures by the right key', async () => {
    await judge(manager, { alg: 'EdDSA' }, ed25519(ED25519.privateKey), true);
    await judge(manager, { alg: 'EdDSA' }, ed25519(other.privateKey), false);
  });

  it('refuses signatures that are too short, too long, made up, altered, or of another text', async () => {
    const honest = ed25519(ED25519.privateKey);
    const signers: Signer[] = [
      (input) => honest(input).subarray(0, 63),
      (input) => Buffer.concat([honest(input), Buffer.alloc(1)]),
      () => Buffer.alloc(64),
      () => Buffer.alloc(64, 0xff),
      (input) => honest(`${input} `),
      (input) => Buffer.from(honest(input).map((byte, i) => (i === 40 ? byte ^ 1 : byte))),
      // Adds the group order to s: the same signature in another spelling (RFC 8032 §5.1.7).
      (input) => plusGroupOrder(honest(input)),
    ];
    for (const signer of signers) await judge(manager, { alg: 'EdDSA' }, signer, false);
  });

  it('is not accepted under another name', async () => {
    const signer = ed25519(ED25519.privateKey);
    for (const alg of ['ES256', 'RS256', 'Ed25519', 'eddsa', 'none'])
      await judge(manager, { alg }, signer, false, NOT_ALLOWED);
  });
});

describe('Key loaders next to a ring', () => {
  let answer: KeyMaterial | null | undefined;

  @Service()
  @DecodeKeyLoader()
  class DecodeBeside {
    async load(): Promise<KeyMaterial | null | undefined> {
      await Promise.resolve();
      return answer;
    }
  }

  @Service()
  @EncodeKeyLoader()
  class EncodeBeside {
    async load(): Promise<KeyMaterial> {
      await Promise.resolve();
      return answer ?? '';
    }
  }

  const keys = [{ kid: 'ring', secretKey: SECRET }];
  const ofTenant = 'the secret of one tenant, long enough';

  before(() => {
    provide(new JwtManager({ keys, loaders: [] }));
  });

  it('decide alone which key verifies, while the ring still signs', async () => {
    const manager = new JwtManager({ keys, loaders: [DecodeBeside] });
    answer = ofTenant;
    await judge(manager, { alg: 'HS256', kid: 'tenant' }, hmac(ofTenant), true);
    await judge(manager, { alg: 'HS256', kid: 'ring' }, hmac(SECRET), false);
    expect(opened(await manager.createAccessToken('alice')).header['kid']).to.equal('ring');
    for (answer of [null, undefined, ''])
      await judge(manager, { alg: 'HS256', kid: 'ring' }, hmac(SECRET), false);
  });

  it('decide alone which key signs, and the ring sets no kid for it', async () => {
    const manager = new JwtManager({ keys, loaders: [EncodeBeside] });
    answer = ofTenant;
    const token = await manager.createAccessToken('alice', { additionalHeaders: { kid: 'tenant' } });
    expect(opened(token).header['kid']).to.equal('tenant');
    await judge(manager, { alg: 'HS256', kid: 'ring' }, hmac(SECRET), true);
  });

  it('must return valid keys', async () => {
    const manager = new JwtManager({ keys, loaders: [DecodeBeside, EncodeBeside] });
    for (answer of ['short', publicPem(RSA.publicKey), ED25519.publicKey, Buffer.alloc(31)]) {
      const token = forge({ header: { alg: 'HS256', kid: 'ring' } });
      expect((await rejection(manager.decodeToken(token))).name).to.equal('JwtConfigurationError');
      expect((await rejection(manager.createAccessToken('alice'))).name).to.equal('JwtConfigurationError');
    }
  });

  it('follow the options algorithm and decodeAlgorithms', async () => {
    const manager = new JwtManager({
      keys: [{ algorithm: 'EdDSA', privateKey: ED25519.privateKey }],
      algorithm: 'RS256',
      decodeAlgorithms: ['RS512'],
      loaders: [DecodeBeside],
    });
    answer = publicPem(RSA.publicKey);
    await judge(manager, { alg: 'RS512' }, rsa(RSA.privateKey, 'sha512'), true);
    await judge(manager, { alg: 'EdDSA' }, ed25519(ED25519.privateKey), false, NOT_ALLOWED);
  });
});

describe('A decode key loader with keys of several algorithms', () => {
  let answers: Readonly<Record<string, KeyMaterial>> = {};

  @Service()
  @DecodeKeyLoader()
  class DecodeByKid {
    load({ unverifiedHeader: { kid = 'none' } }: UnverifiedEvent): KeyMaterial | undefined {
      return Object.hasOwn(answers, kid) ? answers[kid] : undefined;
    }
  }

  const pairs = { none: publicPem(RSA.publicKey), new: publicPem(ED25519.publicKey) };
  const decoder = (options: JwtOptions): JwtManager => new JwtManager({ ...options, loaders: [DecodeByKid] });
  let manager: JwtManager;

  beforeEach(() => {
    answers = pairs;
    manager = decoder({ algorithm: 'EdDSA', decodeAlgorithms: ['RS256'] });
    provide(manager);
  });

  it('moves from RS256 to EdDSA: each key verifies with its own algorithm', async () => {
    await judge(manager, { alg: 'RS256' }, rsa(RSA.privateKey), true);
    await judge(manager, { alg: 'EdDSA', kid: 'new' }, ed25519(ED25519.privateKey), true);
  });

  it('refuses a token whose algorithm does not fit the key that it names', async () => {
    await judge(manager, { alg: 'EdDSA' }, ed25519(ED25519.privateKey), false);
    await judge(manager, { alg: 'RS256', kid: 'new' }, rsa(RSA.privateKey), false);
    await judge(manager, { alg: 'RS256' }, rsa(OTHER_RSA.privateKey), false);
    for (const alg of ['HS256', 'none', 'PS256', 'ES256'])
      for (const secret of Object.values(pairs))
        await judge(manager, { alg }, hmac(secret), false, NOT_ALLOWED);
  });

  it('says so when a key fits none of the algorithms', async () => {
    for (const key of [EC[256].publicKey, publicPem(EC[256].publicKey), SECRET, RSA.privateKey]) {
      answers = { none: key };
      for (const alg of ['RS256', 'EdDSA']) {
        const token = forge({ header: { alg }, signer: rsa(RSA.privateKey) });
        expect((await rejection(manager.decodeToken(token))).name).to.equal('JwtConfigurationError');
      }
    }
  });

  it('never takes a public key for a secret, whatever the token says', async () => {
    const symmetric = decoder({ decodeAlgorithms: ['HS512'] });
    for (const key of [...Object.values(pairs), RSA.publicKey, ED25519.publicKey]) {
      answers = { none: key };
      const secret = typeof key === 'string' ? key : publicPem(key);
      for (const [alg, hash] of Object.entries({ HS256: 'sha256', HS512: 'sha512' })) {
        const token = forge({ header: { alg }, signer: hmac(secret, hash) });
        expect((await rejection(symmetric.decodeToken(token))).name).to.equal('JwtConfigurationError');
      }
    }
  });

  it('refuses a secret that is too short for the algorithm of the token', async () => {
    const symmetric = decoder({ decodeAlgorithms: ['HS512'] });
    answers = { none: randomBytes(32) };
    const secret = answers['none'] as Buffer;
    await judge(symmetric, { alg: 'HS256' }, hmac(secret), true);
    await judge(symmetric, { alg: 'HS512' }, hmac(secret, 'sha512'), false);
  });
});

const NOT_ALLOWED = 'The specified alg value is not allowed';

/** Encodings of a public key that somebody might use as a secret. */
function encodingsOf(key: typeof RSA.publicKey): (string | Buffer)[] {
  const pem = publicPem(key);
  const spki = key.export({ format: 'der', type: 'spki' });
  const encodings = [
    pem,
    pem.trimEnd(),
    ` \n\t${pem}`,
    `\uFEFF${pem}`,
    pem.replaceAll('\n', '\r\n'),
    pem.replaceAll('\n', '\\n'),
    `"${pem}"`,
    Buffer.from(pem),
    Buffer.from(pem, 'utf16le'),
    Buffer.from(pem).toString('base64'),
    spki,
    spki.toString('base64'),
    spki.toString('base64url'),
    spki.toString('hex'),
    JSON.stringify(key.export({ format: 'jwk' })),
    ` ${JSON.stringify(key.export({ format: 'jwk' }), undefined, 2)}`,
    JSON.stringify({ keys: [key.export({ format: 'jwk' })] }),
  ];
  if (key.asymmetricKeyType !== 'rsa') return encodings;
  const pkcs1 = key.export({ format: 'pem', type: 'pkcs1' }).toString();
  return [...encodings, pkcs1, pkcs1.trimEnd(), key.export({ format: 'der', type: 'pkcs1' })];
}

function plusGroupOrder(signature: Buffer): Buffer {
  const order = 2n ** 252n + 27742317777372353535851937790883648493n;
  const s = BigInt(`0x${Buffer.from(signature.subarray(32)).reverse().toString('hex')}`) + order;
  const bytes = Buffer.from(s.toString(16).padStart(64, '0'), 'hex').reverse();
  return Buffer.concat([signature.subarray(0, 32), bytes]);
}
