import { expect } from 'chai';
import {
  createPrivateKey,
  createPublicKey,
  createSecretKey,
  generateKeyPairSync,
  type KeyObject,
} from 'node:crypto';
import { Service } from 'typedi';
import {
  DecodeKeyLoader,
  EncodeKeyLoader,
  JwtConfig,
  JwtConfigurationError,
  JwtManager,
  type Algorithm,
  type JwtOptions,
  type KeyMaterial,
} from '../../src/index';
import { forge, hmac } from '../support/forge';
import { EC, ED25519, OTHER_RSA, privatePem, publicPem, RSA } from '../support/keys';
import { rejection } from '../support/rejection';
import { SECRET } from '../support/secret';
import { provide } from '../support/Server';

const RSA_1024 = generateKeyPairSync('rsa', { modulusLength: 1024 });
const RSA_E3 = generateKeyPairSync('rsa', { modulusLength: 2048, publicExponent: 3 });
const ED448 = generateKeyPairSync('ed448');
const X25519 = generateKeyPairSync('x25519');
const RSA_PSS = generateKeyPairSync('rsa-pss', { modulusLength: 2048 });
const SECP256K1 = generateKeyPairSync('ec', { namedCurve: 'secp256k1' });

/** A public key with a good modulus and the given exponent. */
function withExponent(exponent: number): KeyObject {
  const e = Buffer.from([exponent]).toString('base64url');
  return createPublicKey({ key: { ...RSA.publicKey.export({ format: 'jwk' }), e }, format: 'jwk' });
}

function refuses(options: unknown, message: RegExp): void {
  expect(() => new JwtManager({ loaders: [], ...(options as JwtOptions) })).to.throw(
    JwtConfigurationError,
    message,
  );
}

function takes(options: JwtOptions): void {
  expect(new JwtManager({ loaders: [], ...options })).to.be.an.instanceOf(JwtManager);
}

describe('the check of configured keys', () => {
  it('refuses a configuration without any key', () => {
    refuses({}, /^There is no key: give secretKey for HS256/);
    refuses({ algorithm: 'RS256' }, /^There is no key/);
  });

  const empty: [string, unknown][] = [
    ['text', ''],
    ['Buffer', Buffer.alloc(0)],
    ['Uint8Array', new Uint8Array(0)],
    ['KeyObject', createSecretKey(Buffer.alloc(0))],
    ['null', null],
  ];
  for (const [title, key] of empty) {
    it(`refuses an empty ${title} for each kind of key`, () => {
      refuses({ secretKey: key }, /^Option secretKey /);
      refuses({ algorithm: 'RS256', privateKey: key }, /^Option privateKey /);
      refuses({ algorithm: 'ES256', publicKey: key }, /^Option publicKey /);
    });
  }

  for (const [algorithm, bytes] of [
    ['HS256', 32],
    ['HS384', 48],
    ['HS512', 64],
  ] as const) {
    it(`accepts secrets of at least ${bytes} bytes for ${algorithm} (RFC 7518 §3.2)`, () => {
      const message = new RegExp(
        `^Option secretKey does not fit ${algorithm}: it must have at least ${bytes} bytes`,
      );
      for (const shape of [(key: Buffer) => key, String, createSecretKey] as ((
        key: Buffer,
      ) => KeyMaterial)[]) {
        refuses({ algorithm, secretKey: shape(Buffer.from(SECRET).subarray(0, bytes - 1)) }, message);
        takes({ algorithm, secretKey: shape(Buffer.from(SECRET).subarray(0, bytes)) });
      }
    });
  }

  it('counts bytes, not characters', () => {
    takes({ secretKey: 'äéîõüçñßøåæþðýžš' });
    refuses({ secretKey: 'äéîõüçñßøåæþðýž' }, /at least 32 bytes/);
  });

  it('requires a secret long enough for each of decodeAlgorithms', () => {
    refuses({ secretKey: 'x'.repeat(32), decodeAlgorithms: ['HS512'] }, /does not fit HS512/);
  });

  it('explains how to make a secret', () => {
    refuses({ secretKey: 'x' }, /node -p "crypto\.randomBytes\(32\)\.toString\('base64url'\)"/);
  });

  const misfits: [string, Algorithm, { privateKey: KeyObject; publicKey: KeyObject }, RegExp][] = [
    ['an RSA key of 1024 bits', 'RS256', RSA_1024, /does not fit RS256: it must have at least 2048 bits/],
    ['an RSA key of 1024 bits', 'PS256', RSA_1024, /at least 2048 bits/],
    ['an EC key', 'RS256', EC[256], /must be an RSA key, not ec/],
    ['an EC key', 'PS512', EC[256], /must be an RSA key, not ec/],
    ['an RSA key', 'ES256', RSA, /must be an EC key, not rsa/],
    ['another curve', 'ES256', EC[384], /its curve must be prime256v1/],
    ['another curve', 'ES256', SECP256K1, /its curve must be prime256v1/],
    ['another curve', 'ES384', EC[512], /its curve must be secp384r1/],
    ['another curve', 'ES512', EC[256], /its curve must be secp521r1/],
    ['an Ed25519 key', 'ES256', ED25519, /must be an EC key, not ed25519/],
    ['an Ed25519 key', 'RS256', ED25519, /must be an RSA key, not ed25519/],
    ['an RSA-PSS key', 'RS256', RSA_PSS, /must be an RSA key, not rsa-pss/],
    ['an Ed448 key', 'EdDSA', ED448, /must be an Ed25519 key, not ed448/],
    ['an X25519 key', 'EdDSA', X25519, /must be an Ed25519 key, not x25519/],
    ['an EC key', 'EdDSA', EC[256], /must be an Ed25519 key, not ec/],
    ['an RSA key', 'EdDSA', RSA, /must be an Ed25519 key, not rsa/],
  ];
  for (const [title, algorithm, { privateKey, publicKey }, message] of misfits) {
    it(`refuses ${title} for ${algorithm}, private or public, PEM or KeyObject`, () => {
      for (const key of [privateKey, privatePem(privateKey)])
        refuses({ algorithm, privateKey: key }, message);
      for (const key of [publicKey, publicPem(publicKey)]) refuses({ algorithm, publicKey: key }, message);
    });
  }

  for (const exponent of [1, 2, 4]) {
    it(`refuses an RSA key with the public exponent ${exponent}`, () => {
      for (const publicKey of [withExponent(exponent), publicPem(withExponent(exponent))])
        refuses({ algorithm: 'RS256', publicKey }, /its public exponent must be odd and at least 3/);
    });
  }

  it('accepts the public exponent 3', () => {
    takes({ algorithm: 'RS256', privateKey: RSA_E3.privateKey });
  });

  it('requires each of decodeAlgorithms to fit, even if the public key is derived', () => {
    const decodeAlgorithms: Algorithm[] = ['ES384'];
    refuses({ algorithm: 'ES256', privateKey: EC[256].privateKey, decodeAlgorithms }, /does not fit ES384/);
    refuses({ algorithm: 'ES256', publicKey: EC[256].publicKey, decodeAlgorithms }, /does not fit ES384/);
  });

  const secretForRsa = createSecretKey(Buffer.from(SECRET));
  const notParsable: [string, unknown][] = [
    ['text', SECRET],
    ['bytes', Buffer.from(SECRET)],
    ['a PEM cut short', publicPem(RSA.publicKey).slice(0, 200)],
    ['a PEM without line ends', publicPem(RSA.publicKey).replaceAll('\n', '')],
    ['a PEM of junk', '-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----'],
    ['a secret KeyObject', secretForRsa],
  ];
  for (const [title, key] of notParsable) {
    it(`refuses ${title} as a private or public key, and never uses it as a secret`, () => {
      refuses(
        { algorithm: 'RS256', publicKey: key },
        /^Option publicKey (cannot be read|must be a public key)/,
      );
      refuses(
        { algorithm: 'RS256', privateKey: key },
        /^Option privateKey (cannot be read|must be a private key)/,
      );
    });
  }

  const swapped: [string, KeyMaterial][] = [
    ['KeyObject', RSA.privateKey],
    ['PEM of PKCS #8', privatePem(RSA.privateKey)],
    ['PEM of PKCS #1', RSA.privateKey.export({ format: 'pem', type: 'pkcs1' })],
    ['PEM as bytes', Buffer.from(privatePem(RSA.privateKey))],
    ['PEM after a line end', `\n${privatePem(RSA.privateKey)}`],
    [
      'encrypted PEM',
      RSA.privateKey.export({ format: 'pem', type: 'pkcs8', cipher: 'aes-256-cbc', passphrase: 'x' }),
    ],
  ];
  for (const [title, publicKey] of swapped) {
    it(`refuses a private key as publicKey, given as ${title}`, () => {
      refuses(
        { algorithm: 'RS256', publicKey },
        /^Option publicKey must be a public key: a private one has no business/,
      );
    });
  }

  it('refuses a private key as DER or JWK for publicKey', () => {
    const der = RSA.privateKey.export({ format: 'der', type: 'pkcs8' });
    const jwk = JSON.stringify(RSA.privateKey.export({ format: 'jwk' }));
    for (const publicKey of [der, jwk])
      refuses({ algorithm: 'RS256', publicKey }, /^Option publicKey cannot be read/);
  });

  it('refuses a public key as privateKey', () => {
    refuses(
      { algorithm: 'RS256', privateKey: publicPem(RSA.publicKey) },
      /^Option privateKey cannot be read/,
    );
    refuses({ algorithm: 'RS256', privateKey: RSA.publicKey }, /must be a private key, not a public one/);
  });

  it('refuses a pair whose halves do not belong together', () => {
    refuses(
      { algorithm: 'RS256', privateKey: RSA.privateKey, publicKey: OTHER_RSA.publicKey },
      /^Option publicKey is not the public part of privateKey/,
    );
  });

  it('refuses a private or public KeyObject as secretKey', () => {
    for (const secretKey of [RSA.privateKey, RSA.publicKey, EC[256].publicKey])
      refuses({ secretKey }, /^Option secretKey must be a secret/);
  });

  it('refuses keys that the algorithm does not use', () => {
    const { privateKey, publicKey } = RSA;
    refuses({ secretKey: SECRET, publicKey }, /^Option publicKey is not for HS256/);
    refuses({ secretKey: SECRET, privateKey }, /^Option privateKey is not for HS256/);
    refuses({ algorithm: 'RS256', privateKey, secretKey: SECRET }, /^Option secretKey is not for RS256/);
  });

  describe('of a PEM that was spelt otherwise', () => {
    const spelt: [string, (pem: string) => string][] = [
      ['line ends written as \\n', (pem) => pem.replaceAll('\n', '\\n')],
      ['line ends written as \\r\\n', (pem) => pem.replaceAll('\n', '\\r\\n')],
      ['line ends of Windows', (pem) => pem.replaceAll('\n', '\r\n')],
      ['line ends of an old Mac', (pem) => pem.replaceAll('\n', '\r')],
      ['double quotes', (pem) => `"${pem}"`],
      ['single quotes', (pem) => `'${pem.trimEnd()}'`],
      ['quotes and line ends written as \\n', (pem) => `"${pem.replaceAll('\n', '\\n')}"`],
      ['white space around it', (pem) => `\n\t ${pem}  \n`],
      ['a byte order mark', (pem) => `\uFEFF${pem}`],
      ['indented lines', (pem) => pem.replaceAll('\n', '\n    ')],
    ];
    const { privateKey, publicKey } = RSA;
    for (const [title, spell] of spelt) {
      it(`reads it with ${title}, from an option, bytes and the environment`, () => {
        for (const shape of [String, Buffer.from.bind(Buffer)] as ((text: string) => KeyMaterial)[]) {
          takes({ algorithm: 'RS256', privateKey: shape(spell(privatePem(privateKey))) });
          takes({ algorithm: 'RS256', publicKey: shape(spell(publicPem(publicKey))) });
          takes({ keys: [{ algorithm: 'RS256', privateKey: shape(spell(privatePem(privateKey))) }] });
        }
        takes(JwtConfig.fromEnv({ JWT_ALGORITHM: 'RS256', JWT_PRIVATE_KEY: spell(privatePem(privateKey)) }));
        takes(JwtConfig.fromEnv({ JWT_ALGORITHM: 'RS256', JWT_PUBLIC_KEY: spell(publicPem(publicKey)) }));
      });

      it(`refuses it as a secret, and a private one as publicKey, with ${title}`, () => {
        const [pem, secret] = [spell(publicPem(publicKey)), spell(privatePem(privateKey))];
        for (const secretKey of [pem, secret]) {
          refuses({ secretKey }, /^Option secretKey holds a PEM/);
          refuses(JwtConfig.fromEnv({ JWT_SECRET_KEY: secretKey }), /^Option secretKey holds a PEM/);
        }
        refuses(
          { algorithm: 'RS256', publicKey: secret },
          /^Option publicKey must be a public key: a private/,
        );
      });
    }

    const encrypted = privateKey.export({
      format: 'pem',
      type: 'pkcs8',
      cipher: 'aes-256-cbc',
      passphrase: 'x',
    });
    const encryptedPkcs1 = privateKey.export({
      format: 'pem',
      type: 'pkcs1',
      cipher: 'aes-256-cbc',
      passphrase: 'x',
    });
    const base64 = Buffer.from(privatePem(privateKey)).toString('base64');
    const says: [string, string, RegExp][] = [
      [
        'a PEM with a passphrase',
        String(encrypted),
        /it is encrypted\. Give createPrivateKey\({ key, passphrase }\)/,
      ],
      ['an old PEM with a passphrase', String(encryptedPkcs1), /it is encrypted/],
      ['one with its line ends written out', String(encrypted).replaceAll('\n', '\\n'), /it is encrypted/],
      ['a file name', '/run/secrets/jwt.pem', /it is the name of a file\. Give what is in the file/],
      ['a file name without a folder', 'private.pem', /it is the name of a file/],
      ['a path', './keys/jwt-private.key', /it is the name of a file/],
      ['a path of Windows', 'C:\\keys\\private.pem', /it is the name of a file/],
      ['a file URL', 'file:///etc/keys/private', /it is the name of a file/],
      ['a PEM without line ends', privatePem(privateKey).replaceAll('\n', ''), /its line ends are lost/],
      [
        'a PEM with spaces for line ends',
        privatePem(privateKey).replaceAll('\n', ' '),
        /its line ends are lost/,
      ],
      ['a PEM cut short', privatePem(privateKey).slice(0, 300), /it is a PEM that is cut short/],
      ['a PEM in base64', base64, /it is in base64/],
      [
        'DER in base64',
        privateKey.export({ format: 'der', type: 'pkcs8' }).toString('base64'),
        /it is in base64/,
      ],
      ['a JWK', JSON.stringify(privateKey.export({ format: 'jwk' })), /it is a JWK/],
      [
        'a key of OpenSSH',
        '-----BEGIN OPENSSH PRIVATE KEY-----\nb3Bl\n-----END OPENSSH PRIVATE KEY-----',
        /it is in the format of OpenSSH/,
      ],
      [
        'a public key',
        publicPem(publicKey),
        /it is a public key or a certificate, and this must be a private key/,
      ],
    ];
    for (const [title, material, why] of says) {
      it(`says so if it cannot be read because it is ${title}, from an option and the environment`, () => {
        const message = new RegExp(`^Option privateKey cannot be read: ${why.source}`);
        refuses({ algorithm: 'RS256', privateKey: material }, message);
        refuses({ algorithm: 'RS256', privateKey: Buffer.from(material) }, message);
        refuses(JwtConfig.fromEnv({ JWT_ALGORITHM: 'RS256', JWT_PRIVATE_KEY: material }), message);
      });
    }

    it('says so for public keys too', () => {
      for (const [publicKey, why] of [
        ['/run/secrets/jwt.pub', /it is the name of a file/],
        [Buffer.from(publicPem(RSA.publicKey)).toString('base64'), /it is in base64/],
        ['ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl', /OpenSSH/],
        [SECRET, /it must be a public key in PEM/],
      ] as const) {
        const message = new RegExp(`^Option publicKey cannot be read: .*${why.source}`);
        refuses({ algorithm: 'RS256', publicKey }, message);
        refuses(JwtConfig.fromEnv({ JWT_ALGORITHM: 'RS256', JWT_PUBLIC_KEY: publicKey }), message);
      }
    });
  });

  it("never quotes a key, nor OpenSSL's message, in an error", () => {
    const pem = privatePem(RSA.privateKey);
    const wrong: unknown[] = [pem.replace('PRIVATE', 'PRIVAT'), pem.slice(0, 300), `x${pem.slice(100)}`];
    for (const privateKey of wrong) {
      try {
        new JwtManager({ algorithm: 'RS256', privateKey: privateKey as string, loaders: [] });
        expect.fail('was taken');
      } catch (error) {
        expect(error).to.be.an.instanceOf(JwtConfigurationError);
        expect((error as Error).message).to.not.include(pem.slice(110, 130));
        expect((error as Error).message).to.not.match(/error:|asn1|decoder/i);
        expect((error as Error).cause).to.equal(undefined);
      }
    }
  });
});

describe('what a key loader returns', () => {
  let answer: unknown;

  @Service()
  @DecodeKeyLoader()
  class AnyDecodeKey {
    load(): KeyMaterial {
      return answer as KeyMaterial;
    }
  }

  @Service()
  @EncodeKeyLoader()
  class AnyEncodeKey {
    load(): KeyMaterial {
      return answer as KeyMaterial;
    }
  }

  const manager = new JwtManager({ loaders: [AnyDecodeKey, AnyEncodeKey] });
  const rsa = new JwtManager({ algorithm: 'RS256', loaders: [AnyDecodeKey, AnyEncodeKey] });

  beforeEach(() => {
    provide(manager);
  });

  const bad: [string, unknown][] = [
    ['an empty string', ''],
    ['an empty Buffer', Buffer.alloc(0)],
    ['an empty KeyObject', createSecretKey(Buffer.alloc(0))],
    ['null', null],
    ['undefined', undefined],
    ['a function', (): string => SECRET],
    ['a function that takes a callback', (...callback: unknown[]): unknown => callback.length],
    ['an object', { key: SECRET }],
    ['a list', [SECRET]],
    ['a number', 7],
    ['true', true],
    ['a short secret', 'x'.repeat(31)],
    ['a PEM', publicPem(RSA.publicKey)],
    ['a public KeyObject', RSA.publicKey],
  ];
  for (const [title, key] of bad) {
    it(`is refused as a secret if it is ${title}`, async () => {
      answer = key;
      for (const secret of ['', Buffer.alloc(0), 'x'.repeat(31), publicPem(RSA.publicKey)]) {
        const error = await rejection(manager.decodeToken(forge({ signer: hmac(secret) })));
        expect(['InvalidTokenError', 'JwtConfigurationError']).to.include(error.name);
      }
      expect((await rejection(manager.createAccessToken('alice'))).name).to.equal('JwtConfigurationError');
    });
  }

  it('is checked against the algorithm at each call, and named by its class', async () => {
    answer = SECRET;
    const token = await manager.createAccessToken('alice');
    expect((await manager.decodeToken(token)).sub).to.equal('alice');
    answer = 'short';
    expect((await rejection(manager.decodeToken(token))).message).to.match(
      /^What AnyDecodeKey\.load\(\) returned does not fit HS256/,
    );
    expect((await rejection(manager.createAccessToken('alice'))).message).to.match(
      /^What AnyEncodeKey\.load\(\) returned does not fit HS256/,
    );
  });

  it('may be a private key for signing, and must be a public one for verifying', async () => {
    answer = createPrivateKey(privatePem(RSA.privateKey));
    const token = await rsa.createAccessToken('alice');
    expect((await rejection(rsa.decodeToken(token))).message).to.match(
      /^What AnyDecodeKey.* must be a public key/,
    );
    answer = publicPem(RSA.publicKey);
    expect((await rsa.decodeToken(token)).sub).to.equal('alice');
    answer = publicPem(OTHER_RSA.publicKey);
    expect((await rejection(rsa.decodeToken(token))).message).to.equal('Signature verification failed');
  });
});
