import path from 'node:path';
import { expect } from 'chai';
import { run } from '../support/Program';
import { describeWithRedisServer, hasRedis } from '../support/RedisServer';
import { ROOT } from '../support/root';

describe('bench/revocation.mjs', () => {
  it('prints a table of what revoked tokens cost in each store', async () => {
    const library = path.join(__dirname, '../../src/index.js');
    const args = [path.join(ROOT, 'bench/revocation.mjs'), '--entries=1000', `--library=${library}`];
    const lines = (await run(process.execPath, args, { cwd: ROOT })).trim().split('\n');
    const rows = lines
      .filter((line) => line.startsWith('|'))
      .map((line) => line.split('|').map((cell) => cell.trim()));
    const [head, , ...stores] = rows;
    expect(head?.[2]).to.equal('Memory per token');
    expect(stores.map((cells) => cells[1])).to.deep.equal([
      'MemoryRevocationStore',
      ...(hasRedis ? ['RedisRevocationStore'] : []),
    ]);
    for (const cells of stores) {
      expect(cells[2]).to.match(/^[1-9]\d* bytes$/);
      for (const cost of cells.slice(3, 6)) expect(cost).to.match(/^[1-9]\d* (ns|µs)$/);
      expect(cells[6]).to.match(/^× \d+\.\d\d$/);
      expect(cells[7]).to.match(/^\d+ ms$/);
    }
  }).timeout(30_000);
});

describeWithRedisServer('bench/localCache.mjs', () => {
  it('prints what the local cache saves, and how late it may be', async () => {
    const library = path.join(__dirname, '../../src/index.js');
    const bench = path.join(ROOT, 'bench/localCache.mjs');
    const args = [bench, '--seconds=0.05', '--rounds=1', `--library=${library}`];
    const printed = await run(process.execPath, args, { cwd: ROOT });
    expect(printed).to.match(/^\| MemoryRevocationStore \| \d+ (ns|µs) \| \d+ \| \d+ \| 1\.00 \|$/m);
    expect(printed).to.match(/^\| RedisRevocationStore, local cache \| \d+ (ns|µs) \|/m);
    expect(printed).to.match(/seen after \d+\.\d\d ms \(median\)/);
  }).timeout(30_000);
});
