import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { ROOT } from '../support/root';
import { report, verdicts, type Verdict } from './judges';

/** Valid for the standards, and refused here on purpose. */
const REFUSED_ON_PURPOSE = 'a parameter that asks for more';

describe('The kinds of case of Wycheproof', function () {
  this.timeout(240_000);
  let judged: readonly Verdict[];
  before(async () => {
    judged = await verdicts();
  });

  it('are many, with each algorithm, and with one key as with a JWK Set', () => {
    expect(judged.length).to.be.greaterThan(1000);
    expect(new Set(judged.map(({ algorithm }) => algorithm)).size).to.equal(13);
    expect(judged.filter(({ set }) => set !== undefined).length).to.be.greaterThan(200);
    expect(judged.filter(({ isValid }) => isValid).length).to.be.greaterThan(50);
    expect(new Set(judged.map(({ kind, detail }) => `${kind}: ${detail}`)).size).to.equal(judged.length);
  });

  it('are judged here as the standards ask, each one', () => {
    const wrong = judged.filter(({ judged: by, isValid }) => by['this library'] !== isValid);
    const unexpected = wrong.filter(({ kind }) => kind !== REFUSED_ON_PURPOSE);
    expect(unexpected.map(({ kind, detail }) => `${kind}: ${detail}`)).to.deep.equal([]);
    const ofPurpose = judged.filter(({ kind }) => kind === REFUSED_ON_PURPOSE);
    expect(wrong).to.deep.equal(ofPurpose);
  });

  it('let the other libraries accept what is good, so that the cases are fair', () => {
    for (const library of ['jsonwebtoken', 'jose'] as const) {
      const refused = judged.filter(({ judged: by, isValid }) => isValid && by[library] === false);
      expect(refused.map(({ kind, detail }) => `${kind}: ${detail}`)).to.deep.equal([]);
    }
  });

  it('have the figures of docs/security.md, which npm run vectors prints', () => {
    const page = readFileSync(path.join(ROOT, 'docs/security.md'), 'utf8')
      .replace(/ +\|/g, ' |')
      .replace(/-{3,}/g, '---');
    for (const line of report(judged).split('\n')) expect(page).to.include(line);
  });
});
