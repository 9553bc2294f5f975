import { join } from 'node:path';
import { expect } from 'chai';
import { run } from '../support/Program';
import { ROOT } from '../support/root';

describe('A polluted Object.prototype', () => {
  it('lets in nothing that must be refused, and refuses nothing that must be let in', async () => {
    const script = join(__dirname, 'fixtures/pollution.program.js');
    const output = JSON.parse(await run(process.execPath, [script], { cwd: ROOT })) as {
      cases: number;
      names: number;
      found: string[];
    };
    expect(output.cases).to.be.greaterThan(50);
    expect(output.names).to.be.greaterThan(150);
    expect(output.found).to.deep.equal([]);
  }).timeout(600_000);
});
