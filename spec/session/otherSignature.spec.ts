import { expect } from 'chai';
import { JwtManager, MemoryRevocationStore } from '../../src/index';
import { EC } from '../support/keys';
import { rejection } from '../support/rejection';

/** The order of the group of P-256. */
const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

/** The same token with the other signature that ECDSA allows: (r, n - s) instead of (r, s). Nobody needs a key for it. */
function resigned(token: string): string {
  const end = token.lastIndexOf('.');
  const bytes = Buffer.from(token.slice(end + 1), 'base64url');
  const s = ORDER - BigInt(`0x${bytes.subarray(32).toString('hex')}`);
  const other = Buffer.concat([bytes.subarray(0, 32), Buffer.from(s.toString(16).padStart(64, '0'), 'hex')]);
  return `${token.slice(0, end)}.${other.toString('base64url')}`;
}

describe('A revoked token', () => {
  it('stays revoked with another good signature', async () => {
    const manager = new JwtManager({
      algorithm: 'ES256',
      privateKey: EC[256].privateKey,
      revocationStore: new MemoryRevocationStore(),
      loaders: [],
    });
    const token = await manager.createAccessToken('alice');
    const other = resigned(token);
    expect(other).to.not.equal(token);
    expect(await manager.verifyToken(other)).to.have.property('identity', 'alice');
    await manager.revoke(token);
    for (const each of [token, other])
      expect((await rejection(manager.verifyToken(each))).message).to.equal('Token has been revoked');
  });
});
