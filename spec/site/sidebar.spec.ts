import path from 'node:path';
import { expect } from 'chai';
import { pagesOfDocs } from '../support/pages';
import { run } from '../support/Program';
import { ROOT } from '../support/root';

const FILE = path.join(ROOT, 'docs/.vitepress/sidebar.mjs');
/** Prints the pages of the sidebar, in order. */
const PROGRAM = `import { GROUPS, pagesOf } from ${JSON.stringify(FILE)};
console.log(JSON.stringify(GROUPS.flatMap(({ pages }) => pages.flatMap(pagesOf))));`;

describe('The sidebar of the site', () => {
  let listed: string[];
  before(async () => {
    const printed = await run(process.execPath, ['--input-type=module', '-e', PROGRAM], { cwd: ROOT });
    listed = JSON.parse(printed) as string[];
  });

  it('has every page of docs, and no page that is missing', () => {
    // The landing page is where the title of the site leads.
    const pages = pagesOfDocs().filter((page) => page !== 'docs/index.md');
    // The others are made when the site is built.
    const committed = listed.filter((page) => !page.startsWith('reference/')).map((page) => `docs/${page}`);
    expect(committed).to.have.members(pages);
  });

  it('has each page once', () => {
    expect(listed.filter((page, i) => listed.indexOf(page) !== i)).to.deep.equal([]);
  });

  it('has the steps of the tutorial in order, after its first page', () => {
    const steps = listed.filter((page) => page.startsWith('tutorial/'));
    expect(steps.map((page) => /^tutorial\/(\w+)/.exec(page)?.[1])).to.deep.equal([
      'index',
      ...['1', '2', '3', '4', '5', '6'],
    ]);
  });
});
