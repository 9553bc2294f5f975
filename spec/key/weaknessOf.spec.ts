import { expect } from 'chai';
import { createSecretKey, randomBytes, randomInt, randomUUID } from 'node:crypto';
import { Service } from 'typedi';
import {
  DecodeKeyLoader,
  EncodeKeyLoader,
  JwtConfig,
  JwtConfigurationError,
  JwtManager,
  type KeyMaterial,
} from '../../src/index';
import { looksLikeAsymmetricKey } from '../../src/key/looksLikeAsymmetricKey';
import { weaknessOf } from '../../src/key/weaknessOf';
import { forge, hmac } from '../support/forge';
import { rejection } from '../support/rejection';
import { SECRET } from '../support/secret';
import { provide } from '../support/Server';

const WEAK: Readonly<Record<string, readonly string[]>> = {
  'it repeats itself or counts': [
    ' '.repeat(32),
    '\0'.repeat(32),
    '\n'.repeat(40),
    'x'.repeat(32),
    'x'.repeat(64),
    `${'x'.repeat(31)}y`,
    'ab'.repeat(16),
    'aaaaaaaabbbbbbbbccccccccdddddddd',
    'secret'.repeat(6),
    'secret-'.repeat(6),
    'secretsecretsecretsecretsecret123',
    'supersecret'.repeat(3),
    'password12345678password12345678',
    'changeme'.repeat(4),
    '1234567890'.repeat(4),
    '0123456789abcdef0123456789abcdef',
    'abcdefghijklmnopqrstuvwxyz012345',
    'zyxwvutsrqponmlkjihgfedcba987654',
    'undefined'.repeat(4),
    'null'.repeat(8),
    'NaN'.repeat(11),
    'secret00000000000000000000000000',
    '00'.repeat(32),
    Buffer.alloc(32).toString('base64'),
    Buffer.alloc(32, ' ').toString('base64'),
    Buffer.alloc(32, 'x').toString('hex'),
    Buffer.from('changeme'.repeat(4)).toString('base64'),
  ],
  'it is a placeholder': [
    'changeme-changeme-but-not-just-that',
    'change_me_before_you_go_to_production',
    'CHANGE-ME: a secret for the application',
    'please change this before production',
    'replace-me-with-a-long-random-secret',
    'your-super-secret-jwt-key-goes-in-here',
    '<put the secret of the server in here>',
    '${JWT_SECRET_KEY_OF_THE_PRODUCTION_SERVER}',
    '{{ .Values.authentication.jwt.secret }}',
    '$(cat /run/secrets/jwt_secret_of_the_api)',
    'process.env.JWT_SECRET_KEY_OF_PRODUCTION',
  ],
  'a program made it by mistake': [
    '[object Object] and something behind it',
    'the secret of all is [object Promise]',
    `${String(undefined)} of the tenant number 17`,
    'prefix-undefined-of-the-application-7',
    `${String(null)} of the tenant number 17 and more`,
  ],
  'it is the name of a file': [
    '/run/secrets/jwt_secret_key_of_the_server',
    './config/production/jwt-secret-key.txt',
    'file:///home/app/config/the-jwt-secret',
    'C:\\secrets\\production\\jwt-secret-key.pem',
  ],
  'it is published': ['from your secret store: 32 bytes at least', 'a-string-secret-at-least-256-bits-long'],
};

const MESSAGE = /^Option secretKey is no secret: .*\. Make one with: node -p "crypto\.randomBytes/;

describe('weaknessOf(secret)', () => {
  for (const [why, secrets] of Object.entries(WEAK)) {
    it(`finds ${secrets.length} secrets weak because ${why}`, () => {
      for (const secret of secrets) {
        expect(weaknessOf(Buffer.from(secret)), secret).to.match(new RegExp(`^${why}`));
        const shapes = [secret, Buffer.from(secret), new Uint8Array(Buffer.from(secret))];
        for (const secretKey of [...shapes, createSecretKey(Buffer.from(secret))]) {
          expect(() => new JwtManager({ secretKey, loaders: [] })).to.throw(JwtConfigurationError, MESSAGE);
          const keys = [
            { kid: 'a', secretKey: SECRET },
            { kid: 'b', secretKey },
          ];
          expect(() => new JwtManager({ keys, loaders: [] })).to.throw(
            /^Option keys\[1\]\.secretKey is no secret/,
          );
        }
        const options = JwtConfig.fromEnv({ JWT_SECRET_KEY: secret });
        expect(() => new JwtManager({ ...options, loaders: [] })).to.throw(JwtConfigurationError, MESSAGE);
      }
    });
  }

  it('counts for HS512, too', () => {
    const secretKey = 'ab'.repeat(32);
    expect(() => new JwtManager({ algorithm: 'HS512', secretKey, loaders: [] })).to.throw(MESSAGE);
  });

  it('never names the secret', () => {
    for (const secret of Object.values(WEAK).flat())
      if (/[a-z]{4}/i.test(secret)) expect(weaknessOf(Buffer.from(secret))).to.not.include(secret);
  });

  it('finds nothing in 40,000 random secrets, in any encoding', () => {
    for (let i = 0; i < 5000; i++) {
      const bytes = randomBytes(randomInt(32, 65));
      const digits = BigInt(`0x${bytes.toString('hex')}`).toString();
      for (const secret of [
        bytes,
        bytes.toString('hex'),
        bytes.toString('hex').toUpperCase(),
        bytes.toString('base64'),
        bytes.toString('base64url'),
        digits,
        bytes.toString('hex').slice(0, 32),
        randomUUID(),
      ].map((each) => Buffer.from(each))) {
        expect(weaknessOf(secret), secret.toString('latin1')).to.equal(undefined);
        expect(looksLikeAsymmetricKey(secret), secret.toString('latin1')).to.equal(false);
      }
    }
  }).timeout(60_000);

  it('finds nothing in sentences', () => {
    for (const secret of [
      SECRET,
      'correct horse battery staple, and four more words',
      'the secret of one tenant, long enough',
      'ein Satz mit Umläuten: über Äpfel und Öl',
    ])
      expect(weaknessOf(Buffer.from(secret)), secret).to.equal(undefined);
  });
});

describe('A key loader that returns a weak secret', () => {
  let answer: KeyMaterial = SECRET;

  @Service()
  @DecodeKeyLoader()
  class WeakDecodeKey {
    load(): KeyMaterial {
      return answer;
    }
  }

  @Service()
  @EncodeKeyLoader()
  class WeakEncodeKey {
    load(): KeyMaterial {
      return answer;
    }
  }

  const manager = new JwtManager({ loaders: [WeakDecodeKey, WeakEncodeKey] });

  it('lets nobody sign or verify with it', async () => {
    provide(manager);
    for (const secret of Object.values(WEAK).flat())
      for (answer of [secret, Buffer.from(secret), createSecretKey(Buffer.from(secret))]) {
        const verified = await rejection(manager.decodeToken(forge({ signer: hmac(secret) })));
        expect(verified.message).to.match(/^What WeakDecodeKey\.load\(\) returned is no secret/);
        const signed = await rejection(manager.createAccessToken('alice'));
        expect(signed.message).to.match(/^What WeakEncodeKey\.load\(\) returned is no secret/);
      }
  });
});
