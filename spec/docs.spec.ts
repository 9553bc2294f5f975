import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { JwtConfig } from '../src/index';
import { configOptions } from '../src/config/option';
import { ROOT } from './support/root';

describe('docs/options.md', () => {
  const rows = readFileSync(join(ROOT, 'docs/options.md'), 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) => line.split('|').map((cell) => cell.trim().replace(/^`|`$/g, '')));

  it('has a row for every option, and for nothing else', () => {
    expect(rows.map(([, name]) => name)).to.have.members([...configOptions.keys()]);
  });

  it('names the environment variable of each', () => {
    for (const [, name, variable] of rows) {
      if (variable === 'none') continue;
      expect(JwtConfig.fromEnv({ [String(variable)]: 'x' }), variable).to.have.all.keys(String(name));
    }
  });

  it('states the defaults', () => {
    const config = new JwtConfig({});
    for (const [, name, , stated] of rows) {
      const actual = config[name as keyof JwtConfig];
      if (actual === undefined || name === 'decodeAlgorithms') continue;
      expect(stated, name).to.equal(
        Array.isArray(actual) ? actual.join(', ') : JSON.stringify(actual).replace(/"/g, ''),
      );
    }
  });
});
