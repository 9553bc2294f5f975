import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { run } from '../support/Program';
import { ROOT } from '../support/root';

/** The problems that a script of docs/.vitepress prints about a folder with some files. */
async function problemsOf(
  script: string,
  files: Readonly<Record<string, string>>,
  ...args: readonly string[]
): Promise<string[]> {
  const folder = mkdtempSync(path.join(tmpdir(), 'site-'));
  try {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
      writeFileSync(path.join(folder, name), text);
    }
    const file = path.join(ROOT, 'docs/.vitepress', script);
    await run(process.execPath, [file, folder, ...args], { cwd: ROOT });
    return [];
  } catch (error) {
    return String(error).trim().split('\n').slice(1);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

describe('The check of the Markdown', function () {
  this.timeout(60_000);

  it('lets links, anchors and code in by the rules of GitHub', async () => {
    const page = [
      '# A `code` heading, with *marks*',
      '## Twice\n## Twice',
      '[1](#a-code-heading-with-marks) [2](#twice-1) [3](b.md#ümlaut--x_y) [4](../README.md) [5](https://a.example/x)',
      '![6](c.svg)',
      '```ts\n1;\n```',
      '<a id="here"></a> [7](#here)',
    ].join('\n\n');
    const others = { 'docs/b.md': '# Ümlaut & x_y\n', 'docs/c.svg': '<svg/>', 'README.md': '# x\n' };
    expect(await problemsOf('checkPages.mjs', { 'docs/a.md': page, ...others })).to.deep.equal([]);
  });

  it('names what is broken, and where', async () => {
    const page = [
      '# A',
      '[1](gone.md) and [2](#nowhere)',
      '[3](b.md#twice) [4](http://a.example) [5](/docs/b.md)',
      '![6](gone.svg)',
      '```\n1;\n```',
      '```nolang\n1;\n```',
      '<img src="gone.png">',
      '| a |\n| - |\n| [7](gone.md#x) |',
    ].join('\n\n');
    expect(await problemsOf('checkPages.mjs', { 'docs/a.md': page, 'docs/b.md': '# B\n' })).to.deep.equal([
      'docs/a.md:3: gone.md leads to no file',
      'docs/a.md:3: #nowhere leads to no heading',
      'docs/a.md:5: b.md#twice leads to no heading',
      'docs/a.md:5: http://a.example is not https',
      'docs/a.md:5: /docs/b.md leaves the repository',
      'docs/a.md:7: gone.svg leads to no file',
      'docs/a.md:17: gone.png leads to no file',
      'docs/a.md:21: gone.md#x leads to no file',
      'docs/a.md:9: a code block without a language',
      'docs/a.md:13: a code block in nolang, which the site cannot highlight',
    ]);
  });
});

describe('The check of the built site', () => {
  it('lets links within the site in, and links to others', async () => {
    const files = {
      'index.html': '<a href="/x/a.html#b">a</a><a href="./sub/">s</a><a href="https://a.example/">o</a>',
      'a.html': '<h1 id="b">B</h1><img src="/x/c.svg"><link rel="icon" href="data:,">',
      'c.svg': '<svg/>',
      'sub/index.html': '<a href="../a.html">a</a>',
    };
    expect(await problemsOf('checkSite.mjs', files, '/x/')).to.deep.equal([]);
  });

  it('names what leads nowhere, and what another host would learn of', async () => {
    const files = {
      'index.html':
        '<a href="/a.html#c">a</a><a href="gone.html">g</a><script src="https://cdn.example/x.js"></script>' +
        '<link rel="stylesheet" href="//fonts.example/f.css"><img src="/gone.png">',
      'a.html': '<h1 id="b">B</h1>',
      'style.css': '@import "https://fonts.example/f.css";',
      'other.css': 'a { background: url(//img.example/x.png) }',
    };
    expect(await problemsOf('checkSite.mjs', files)).to.have.members([
      'index.html: /a.html#c leads to no heading',
      'index.html: gone.html leads to no file',
      'index.html: https://cdn.example/x.js is loaded from another host',
      'index.html: //fonts.example/f.css is loaded from another host',
      'index.html: /gone.png leads to no file',
      'style.css loads from another host',
      'other.css loads from another host',
    ]);
  });

  it('names a link that leaves the folder of the site', async () => {
    expect(
      await problemsOf('checkSite.mjs', { 'index.html': '<a href="/a.html">a</a>' }, '/x/'),
    ).to.deep.equal(['index.html: /a.html leaves the site']);
  });
});

describe('A link of a page that leaves docs', () => {
  /** Where such links of docs/keys.md lead on the site. */
  async function addressesOf(...links: readonly string[]): Promise<unknown[]> {
    const file = path.join(ROOT, 'docs/.vitepress/outsideLinks.mjs');
    const program = `import { addressOf } from ${JSON.stringify(file)};
      console.log(JSON.stringify(${JSON.stringify(links)}.map((link) => addressOf(link, 'keys.md'))));`;
    return JSON.parse(
      await run(process.execPath, ['--input-type=module', '-e', program], { cwd: ROOT }),
    ) as unknown[];
  }

  it('leads to the page that the site has of the file', async () => {
    expect(await addressesOf('../SECURITY.md', '../UPGRADING.md#x', '../CHANGELOG.md')).to.deep.equal([
      'reference/reporting.md',
      'reference/upgrading.md#x',
      'reference/changelog.md',
    ]);
  });

  it('leads to the repository or the published package, or nowhere', async () => {
    const { repository } = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8')) as {
      repository?: object;
    };
    const [readme, spec] = await addressesOf('../README.md#keys', '../spec/readme.spec.ts');
    if (repository === undefined) {
      expect(readme).to.match(
        /^https:\/\/unpkg\.com\/routing-controllers-jwt-extended@[\d.]+\/README\.md#keys$/,
      );
      expect(spec).to.equal(null);
    } else {
      expect(readme).to.match(/^https:.*\/blob\/main\/README\.md#keys$/);
      expect(spec).to.match(/^https:.*\/blob\/main\/spec\/readme\.spec\.ts$/);
    }
  });

  it('is left alone when it stays within docs, or leads to another site', async () => {
    const links = ['options.md#keys', 'tutorial/index.md', '#here', 'https://a.example/'];
    expect(await addressesOf(...links)).to.deep.equal(links);
  });
});
