import { createPrivateKey, createPublicKey, createSecretKey, type KeyObject } from 'node:crypto';
import { expect } from 'chai';
import jwt from 'jsonwebtoken';
import { ALGORITHM_NAMES, ALGORITHMS, type Algorithm } from '../../src/config/algorithms';
import { isSignedBy, signatureOf } from '../../src/token/signature';
import { EC, ED25519, RSA, type Pair } from '../support/keys';
import { SECRET } from '../support/secret';

function keysOf(algorithm: Algorithm): Pair {
  const secret = createSecretKey(Buffer.from(SECRET));
  const { key, hash } = ALGORITHMS[algorithm];
  if (key === 'secret') return { privateKey: secret, publicKey: secret };
  if (key === 'ed25519') return ED25519;
  return key === 'rsa' ? RSA : EC[Number(hash.slice(3)) as keyof typeof EC];
}

function signed(algorithm: Algorithm, key: KeyObject): { input: string; signature: string } {
  const header = Buffer.from(JSON.stringify({ alg: algorithm, typ: 'JWT' })).toString('base64url');
  const input = `${header}.${Buffer.from('{"sub":"alice"}').toString('base64url')}`;
  return { input, signature: signatureOf(input, key, algorithm) };
}

function madeAgain(key: KeyObject): KeyObject {
  if (key.type === 'secret') return createSecretKey(key.export());
  const pem = key.export({ format: 'pem', type: key.type === 'private' ? 'pkcs8' : 'spki' });
  return key.type === 'private' ? createPrivateKey(pem) : createPublicKey(pem);
}

describe('signatureOf and isSignedBy', () => {
  for (const algorithm of ALGORITHM_NAMES) {
    const { privateKey, publicKey } = keysOf(algorithm);

    it(`agree about ${algorithm}`, () => {
      const { input, signature } = signed(algorithm, privateKey);
      expect(isSignedBy(publicKey, algorithm, input, signature)).to.equal(true);
      expect(isSignedBy(publicKey, algorithm, `${input}A`, signature)).to.equal(false);
    });

    it(`refuse any other bytes for ${algorithm} without throwing`, () => {
      const { input, signature } = signed(algorithm, privateKey);
      const bytes = Buffer.from(signature, 'base64url');
      const flipped = [...bytes.keys()].map((at) => bytes.map((byte, i) => (i === at ? byte ^ 1 : byte)));
      const lengths = [0, 1, bytes.length - 1].map((length) => bytes.subarray(0, length));
      const longer = [Buffer.concat([bytes, Buffer.alloc(1)]), Buffer.concat([Buffer.alloc(1), bytes])];
      const odd = [Buffer.alloc(bytes.length), Buffer.alloc(bytes.length, 255), Buffer.alloc(5000, 1)];
      for (const bad of [...flipped, ...lengths, ...longer, ...odd])
        expect(isSignedBy(publicKey, algorithm, input, Buffer.from(bad).toString('base64url'))).to.equal(
          false,
        );
    });

    it(`take nothing for ${algorithm} from a polluted Object.prototype`, () => {
      const { input, signature } = signed(algorithm, privateKey);
      const pollution = { padding: 'mine', saltLength: 'mine', dsaEncoding: 'mine' };
      try {
        for (const [name, value] of Object.entries(pollution))
          Object.defineProperty(Object.prototype, name, { value, configurable: true, writable: true });
        // Keys that nothing was done with before.
        const [signing, verifying] = [madeAgain(privateKey), madeAgain(publicKey)];
        expect(isSignedBy(verifying, algorithm, input, signature)).to.equal(true);
        expect(isSignedBy(verifying, algorithm, `${input}A`, signature)).to.equal(false);
        const ours = signatureOf(input, signing, algorithm);
        expect(isSignedBy(verifying, algorithm, input, ours)).to.equal(true);
      } finally {
        for (const name of Object.keys(pollution)) Reflect.deleteProperty(Object.prototype, name);
      }
    });

    // jsonwebtoken has no EdDSA.
    if (algorithm === 'EdDSA') continue;
    it(`agree with jsonwebtoken about ${algorithm}`, () => {
      const { input, signature } = signed(algorithm, privateKey);
      const ours = `${input}.${signature}`;
      expect(jwt.verify(ours, publicKey, { algorithms: [algorithm] })).to.deep.equal({ sub: 'alice' });
      const theirs = jwt.sign({ sub: 'alice' }, privateKey, { algorithm });
      const end = theirs.lastIndexOf('.');
      const theirSignature = theirs.slice(end + 1);
      expect(isSignedBy(publicKey, algorithm, theirs.slice(0, end), theirSignature)).to.equal(true);
    });
  }
});
