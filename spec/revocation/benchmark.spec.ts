import path from 'node:path';
import { expect } from 'chai';
import { run } from '../support/Program';
import { hasRedis } from '../support/RedisServer';
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
