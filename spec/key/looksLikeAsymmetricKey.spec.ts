import { expect } from 'chai';
import { createSecretKey, randomBytes, type KeyObject } from 'node:crypto';
import { JwtConfigurationError, JwtManager, type KeyMaterial } from '../../src/index';
import { EC, privatePem, publicPem, RSA } from '../support/keys';
import { SECRET } from '../support/secret';

function der(key: KeyObject, type: 'spki' | 'pkcs1' | 'pkcs8' | 'sec1'): Buffer {
  return key.export({ format: 'der', type: type as 'spki' });
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/** As in authorized_keys (RFC 4253 §6.6). */
function openSsh(key: KeyObject): string {
  const { n, e } = key.export({ format: 'jwk' });
  const modulus = Buffer.concat([Buffer.alloc(1), Buffer.from(String(n), 'base64url')]);
  const parts = [Buffer.from('ssh-rsa'), Buffer.from(String(e), 'base64url'), modulus];
  const blob = Buffer.concat(parts.flatMap((part) => [uint32(part.length), part]));
  return `ssh-rsa ${blob.toString('base64')} someone@example.org`;
}

function hexWith(separator: string, bytes: Buffer): string {
  return String(bytes.toString('hex').match(/../g)?.join(separator));
}

/** A certificate for a P-256 key, signed by itself: openssl req -x509 -newkey ec … */
const CERTIFICATE = Buffer.from(
  'MIIBcDCCARWgAwIBAgIUEDSO0TP8pzvxpDwRrtWCU9nH0MQwCgYIKoZIzj0EAwIwDDEKMAgGA1UEAwwBYTAgFw0yNjExMjcx' +
    'MzMzNDNaGA8yMTI2MTEwMzEzMzM0M1owDDEKMAgGA1UEAwwBYTBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABPO79kHel3nm' +
    'JctHZ1KvXV796cxerFn5rRR9fbgvsrAGZEq7KqvA/26rx02PU5YNMxY0K1k7iTGwS7Oyfn44jwKjUzBRMB0GA1UdDgQWBBRf' +
    'd42aq8NQNer2BYivnNkNdl0sXjAfBgNVHSMEGDAWgBRfd42aq8NQNer2BYivnNkNdl0sXjAPBgNVHRMBAf8EBTADAQH/MAoG' +
    'CCqGSM49BAMCA0kAMEYCIQDsm3UyzhxwIPphl8IiTbhXLvL2D5d2JQA2MdlJMw+LGgIhAMez2pZKiL98qaJvt3CQdIGdazmc' +
    'BM18GU16/Yn3zCD8',
  'base64',
);

/** Spellings of a key that some JWT library has accepted as an HMAC secret. */
function disguises(key: KeyObject, pem: string, ders: readonly Buffer[]): [string, string | Buffer][] {
  const jwk = JSON.stringify(key.export({ format: 'jwk' }));
  const spelt: [string, string][] = [
    ['PEM', pem],
    ['PEM without a trailing line end', pem.trimEnd()],
    ['PEM after a line end', `\n${pem}`],
    ['PEM after spaces', `   ${pem}`],
    ['PEM after a tab and a NBSP', `\t\u00A0${pem}`],
    ['PEM after a byte order mark', `\uFEFF${pem}`],
    ['PEM after text', `my key: ${pem}`],
    ['PEM after a comment', `# key\n${pem}`],
    ['PEM in quotes', `"${pem}"`],
    ['PEM in single quotes', `'${pem}'`],
    ['PEM with \\n written out', pem.replaceAll('\n', '\\n')],
    ['PEM in quotes with \\n written out', `"${pem.replaceAll('\n', '\\n')}"`],
    ['PEM with Windows line ends', pem.replaceAll('\n', '\r\n')],
    ['PEM without line ends', pem.replaceAll('\n', '')],
    ['PEM in lowercase', pem.toLowerCase()],
    ['PEM as JSON', JSON.stringify({ key: pem })],
    ['the lines inside a PEM', pem.split('\n').slice(1, -2).join('\n')],
    ['JWK', jwk],
    ['JWK with white space', JSON.stringify(JSON.parse(jwk), undefined, 2)],
    ['JWK with kty first', JSON.stringify({ kty: 'any', ...(JSON.parse(jwk) as object) })],
    ['JWK set', `{"keys":[${jwk}]}`],
    ['JWK in quotes', JSON.stringify(jwk)],
    ['JWK after a byte order mark', `\uFEFF${jwk}`],
  ];
  for (const [title, text] of [...spelt]) {
    const once = Buffer.from(text).toString('base64');
    spelt.push([`${title}, in base64`, once]);
    spelt.push([`${title}, in base64 twice`, Buffer.from(once).toString('base64')]);
    spelt.push([`${title}, in hex`, Buffer.from(text).toString('hex')]);
  }
  return [
    ...spelt,
    ...spelt.map(([title, text]): [string, Buffer] => [`${title}, as bytes`, Buffer.from(text)]),
    ...ders.flatMap((bytes): [string, string | Buffer][] => [
      ['DER', bytes],
      ['DER as base64', bytes.toString('base64')],
      ['DER as base64url', bytes.toString('base64url')],
      [
        'DER as base64 in lines',
        `${String(
          bytes
            .toString('base64')
            .match(/.{1,64}/g)
            ?.join('\n'),
        )}\n`,
      ],
      ['DER as base64 in quotes', `"${bytes.toString('base64')}"`],
      ['DER as base64 in base64', Buffer.from(bytes.toString('base64')).toString('base64')],
      ['DER as hex', bytes.toString('hex')],
      ['DER as hex in capitals', bytes.toString('hex').toUpperCase()],
      ['DER as hex with colons', hexWith(':', bytes)],
      ['DER as hex with spaces', hexWith(' ', bytes)],
      ['DER as hex behind 0x', `0x${bytes.toString('hex')}`],
      ['DER as hex with \\x', `\\x${hexWith('\\x', bytes)}`],
      ['DER as hex in lines', `${hexWith(':', bytes).replaceAll(/(.{60})/g, '$1\n')}\n`],
      ['DER as hex in base64', Buffer.from(bytes.toString('hex')).toString('base64')],
      ['DER as a list of numbers', String(new Uint8Array(bytes))],
      ['DER as a list of numbers in JSON', JSON.stringify(bytes)],
      ['DER as a data URL', `data:application/x-x509;base64,${bytes.toString('base64')}`],
    ]),
  ];
}

function refuses(secretKey: KeyMaterial): void {
  expect(() => new JwtManager({ secretKey, loaders: [] })).to.throw(
    JwtConfigurationError,
    'Option secretKey holds a PEM, DER, SSH or JWK key: it is no secret.',
  );
}

describe('looksLikeAsymmetricKey(bytes)', () => {
  const rsa = RSA.publicKey;
  const ec = EC[256].publicKey;
  const keys: [string, [string, string | Buffer][]][] = [
    ['a public RSA key', disguises(rsa, publicPem(rsa), [der(rsa, 'spki'), der(rsa, 'pkcs1')])],
    [
      'a public RSA key of PKCS #1',
      disguises(rsa, rsa.export({ format: 'pem', type: 'pkcs1' }).toString(), []),
    ],
    ['a public EC key', disguises(ec, publicPem(ec), [der(ec, 'spki')])],
    [
      'a private RSA key',
      disguises(RSA.privateKey, privatePem(RSA.privateKey), [
        der(RSA.privateKey, 'pkcs8'),
        der(RSA.privateKey, 'pkcs1'),
      ]),
    ],
    [
      'a private EC key',
      disguises(EC[256].privateKey, privatePem(EC[256].privateKey), [
        der(EC[256].privateKey, 'pkcs8'),
        der(EC[256].privateKey, 'sec1'),
      ]),
    ],
  ];
  for (const [title, spellings] of keys) {
    it(`detects ${title} in ${spellings.length} disguises, so it is never a secret`, () => {
      for (const [disguise, material] of spellings) {
        try {
          refuses(material);
        } catch (cause) {
          throw new Error(`accepted ${title} as ${disguise}`, { cause });
        }
      }
    });
  }

  const ssh: [string, string][] = [
    ['OpenSSH', openSsh(rsa)],
    ['OpenSSH after a line end', `\n${openSsh(rsa)}`],
    ['OpenSSH in quotes', `"${openSsh(rsa)}"`],
    ['OpenSSH after a byte order mark', `\uFEFF${openSsh(rsa)}`],
    [
      'OpenSSH for ed25519',
      'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl',
    ],
    ['OpenSSH for ECDSA', 'ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBA=='],
    ['OpenSSH of a hardware token', 'sk-ssh-ed25519@openssh.com AAAAGnNrLXNzaC1lZDI1NTE5QG9wZW5zc2guY29t'],
    [
      'RFC 4716',
      '---- BEGIN SSH2 PUBLIC KEY ----\nAAAAB3NzaC1yc2EAAAADAQABAAABAQ==\n---- END SSH2 PUBLIC KEY ----',
    ],
    ['an X.509 certificate', '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----'],
  ];
  for (const [title, material] of ssh) {
    it(`detects ${title}`, () => {
      refuses(material);
      refuses(Buffer.from(material));
      refuses(createSecretKey(Buffer.from(material)));
    });
  }

  describe('detects', () => {
    const modulus = Buffer.from(String(rsa.export({ format: 'jwk' }).n), 'base64url');
    const { x, y } = ec.export({ format: 'jwk' });
    const point = Buffer.from(
      `04${[x, y].map((each) => Buffer.from(String(each), 'base64url').toString('hex')).join('')}`,
      'hex',
    );
    const bare: [string, Buffer][] = [
      ['a certificate', CERTIFICATE],
      ['the modulus of an RSA key', modulus],
      ['the modulus of an RSA key behind a zero', Buffer.concat([Buffer.alloc(1), modulus])],
      ['the point of an EC key', point],
      [
        'an encrypted private key',
        RSA.privateKey.export({ format: 'der', type: 'pkcs8', cipher: 'aes-256-cbc', passphrase: 'x' }),
      ],
      ['the blob of an SSH key', Buffer.from(String(openSsh(rsa).split(' ')[1]), 'base64')],
    ];
    for (const [title, bytes] of bare) {
      it(`${title}, in any spelling`, () => {
        for (const text of [
          bytes.toString('base64'),
          bytes.toString('base64url'),
          bytes.toString('hex'),
          hexWith(':', bytes),
          `0x${bytes.toString('hex').toUpperCase()}`,
          `"${bytes.toString('base64')}"`,
          `["${bytes.toString('base64')}","${bytes.toString('base64')}"]`,
          Buffer.from(bytes.toString('base64')).toString('base64'),
        ]) {
          refuses(text);
          refuses(Buffer.from(text));
        }
        for (const material of [bytes, new Uint8Array(bytes), createSecretKey(bytes)]) refuses(material);
      });
    }

    it('a modulus as openssl prints it', () => {
      refuses(`Modulus=${modulus.toString('hex').toUpperCase()}\n`);
      refuses(`Modulus:\n    00:${hexWith(':', modulus).replaceAll(/(.{45})/g, '$1\n    ')}`);
    });

    it('SSH keys behind options and host names, and those of PuTTY', () => {
      refuses(`command="true",no-pty ${openSsh(rsa)}`);
      refuses(`example.org,192.0.2.1 ${openSsh(rsa)}`);
      refuses('PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\n');
    });
  });

  it('detects a key inside a secret KeyObject', () => {
    for (const [, spellings] of keys)
      for (const [, material] of spellings) refuses(createSecretKey(Buffer.from(material)));
  });

  it('accepts real secrets: text, base64, hex or any bytes', () => {
    const bytes = randomBytes(64);
    const secrets = [
      SECRET,
      bytes,
      bytes.toString('hex'),
      bytes.toString('base64'),
      bytes.toString('base64url'),
    ];
    // Starts like DER, but is not.
    secrets.push(Buffer.concat([Buffer.from([0x30, 0x3e]), randomBytes(62)]));
    secrets.push('the secret for ssh-rsa {"keys":1} and --- BEGIN, which is long enough');
    for (const secretKey of secrets)
      expect(new JwtManager({ secretKey, loaders: [] })).to.be.an.instanceOf(JwtManager);
  });
});
