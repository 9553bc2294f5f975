import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { jwtEvents, JwtConfig } from '../src/index';
import { configOptions } from '../src/config/option';
import { RESERVED_CLAIMS, RESERVED_HEADERS } from '../src/claims';
import { pagesOfDocs } from './support/pages';
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

/** The texts of a page in backticks. */
function namesIn(text: string): string[] {
  return [...text.matchAll(/`([^`]+)`/g)].map(([, name]) => String(name));
}

describe('docs/answers.md', () => {
  it('has every code of errors.ts, and no other', () => {
    const codesIn = (file: string): string[] => [
      ...new Set(readFileSync(join(ROOT, file), 'utf8').match(/ERR_JWT_[A-Z_]+/g)),
    ];
    expect(codesIn('docs/answers.md')).to.have.members(codesIn('src/errors.ts'));
  });

  it('has the codes of JwtErrorCode, which are those of the errors', () => {
    const source = readFileSync(join(ROOT, 'src/errors.ts'), 'utf8');
    const [, union = ''] = /type JwtErrorCode =([^;]+);/.exec(source) ?? [];
    const codes = [...source.matchAll(/code(?:: JwtErrorCode)? = '(ERR_JWT_\w+)'/g)].map(([, code]) => code);
    expect(union.match(/ERR_JWT_\w+/g)).to.have.members(codes);
  });
});

describe('docs/loaders.md', () => {
  const page = readFileSync(join(ROOT, 'docs/loaders.md'), 'utf8');
  const listed = (kind: string): string[] =>
    namesIn(/^Reserved (?:.*)$/gm.exec(page.slice(page.indexOf(kind)))?.[0] ?? '');

  it('lists the reserved claims', () => {
    expect(listed('Reserved claims:')).to.have.members(RESERVED_CLAIMS);
  });

  it('lists the reserved headers', () => {
    expect(listed('Reserved headers:')).to.have.members(RESERVED_HEADERS);
  });

  it('names every loader of the library, and no other', () => {
    const source = readFileSync(join(ROOT, 'src/decorator/loaders.ts'), 'utf8');
    const decorators = [...source.matchAll(/^export const (\w+) = /gm)].map(([, name]) => String(name));
    const named = [...page.matchAll(/`@(\w+Loader)\(\)`/g)].map(([, name]) => String(name));
    expect([...new Set(named)]).to.have.members(decorators);
  });
});

describe('docs/observability.md', () => {
  const [, ...rows] = readFileSync(join(ROOT, 'docs/observability.md'), 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) => line.split('|').slice(1, -1));
  const source = ['jwtEvents', 'tokenMessage']
    .map((name) => readFileSync(join(ROOT, `src/events/${name}.ts`), 'utf8'))
    .join('\n');
  /** The members of an interface and of those it extends. */
  const membersOf = (name: string): string[] => {
    const [, bases = '', body = ''] =
      new RegExp(`interface ${name}\\b([^{]*)\\{([^}]*)\\}`).exec(source) ?? [];
    const inherited = (bases.match(/\w+Message/g) ?? []).flatMap(membersOf);
    return [...inherited, ...[...body.matchAll(/readonly (\w+)\??:/g)].map(([, member]) => String(member))];
  };

  it('has a row for every channel, with the members of its messages', () => {
    const channels = [...source.matchAll(/^ {2}(\w+): channelFor<(\w+)>/gm)];
    expect(channels.map(([, name]) => name)).to.deep.equal(Object.keys(jwtEvents));
    const stated = rows.map(([name = '', , members = '']) => [
      ...namesIn(name),
      ...namesIn(
        members.replace(
          'those of `issued`',
          membersOf('TokenMessage')
            .map((each) => `\`${each}\``)
            .join(),
        ),
      ).sort(),
    ]);
    expect(stated).to.deep.equal(
      channels.map(([, name, message]) => [name, ...membersOf(String(message)).sort()]),
    );
  });
});

describe('The links of README.md, UPGRADING.md, SECURITY.md and docs', () => {
  const { files } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { files: string[] };

  for (const page of ['README.md', 'UPGRADING.md', 'SECURITY.md', ...pagesOfDocs()]) {
    it(`lead to files that the package ships: ${page}`, () => {
      const text = readFileSync(join(ROOT, page), 'utf8');
      const links = [...text.matchAll(/\]\(([^)#\s]+)[^)]*\)/g)].map(([, link]) => String(link));
      const all = links.filter((link) => !/^[a-z]+:/.test(link)).map((link) => join(page, '..', link));
      expect(all.filter((file) => !existsSync(join(ROOT, file)))).to.deep.equal([]);
      // Reviewers have the repository.
      const isForReviewers = page === 'docs/security.md';
      const local = isForReviewers ? all.filter((file) => !/^(?:spec|src|release)\//.test(file)) : all;
      const shipped = (file: string): boolean =>
        files.some((entry) => file === entry || file.startsWith(`${entry}/`));
      expect(local.filter((file) => !shipped(file))).to.deep.equal([]);
      // Paths of the repository, such as spec/attacks/random.spec.ts.
      expect(namesIn(text).filter((name) => /^(?:spec|src|bench)\/[\w./]+\.\w+$/.test(name))).to.deep.equal(
        [],
      );
    });
  }
});

describe('CONTRIBUTING.md', () => {
  const text = readFileSync(join(ROOT, 'CONTRIBUTING.md'), 'utf8').replaceAll(/^```[^]*?^```$/gm, '');

  it('names files and folders that exist', () => {
    const links = [...text.matchAll(/\]\(([^)#\s]+)\)/g)].map(([, link]) => String(link));
    const paths = namesIn(text).filter((name) => /^[\w-]+\/[\w/-]+(?:\.\w+)*$|^[A-Z]+\.md$/.test(name));
    expect(paths).to.include('src/request/Authenticator.ts');
    expect([...links, ...paths].filter((file) => !existsSync(join(ROOT, file)))).to.deep.equal([]);
  });

  it('names every folder of src', () => {
    const rows = text.slice(text.indexOf('| in `src`')).split('\n\n')[0] ?? '';
    const named = namesIn(rows.replaceAll(/\|[^|]*\|$/gm, '')).filter((name) => name !== 'src');
    const inSource = readdirSync(join(ROOT, 'src')).filter((name) => name !== 'index.ts');
    expect(named).to.have.members(inSource);
  });

  it('names scripts that package.json has', () => {
    const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: object };
    const named = [...text.matchAll(/npm run ([\w:]+)/g)].map(([, name]) => String(name));
    expect(named.length).to.be.greaterThan(5);
    expect(named.filter((name) => !Object.hasOwn(scripts, name))).to.deep.equal([]);
  });
});

describe('The tutorial', () => {
  const pages = pagesOfDocs().filter((page) => /^docs\/tutorial\/\d/.test(page));
  const texts = pages.map((page) => readFileSync(join(ROOT, page), 'utf8'));
  /** The files of a step, by their names. */
  const filesIn = (text: string): Map<string, string> =>
    new Map(
      [...text.matchAll(/^```ts\n\/\/ (\S+)\n([^]*?)^```$/gm)].map(([, name = '', code = '']) => [
        name,
        code,
      ]),
    );
  const linesOf = (text = ''): string[] => [...filesIn(text).values()].flatMap((code) => code.split('\n'));

  it('has six steps, each of which the index and the step before link', () => {
    expect(pages).to.have.length(6);
    const index = readFileSync(join(ROOT, 'docs/tutorial/index.md'), 'utf8');
    for (const [i, page] of pages.entries()) {
      const link = `](${page.replace('docs/tutorial/', '')})`;
      expect(index).to.include(link);
      expect(texts[i - 1] ?? index).to.include(link);
    }
  });

  for (const [i, page] of pages.entries()) {
    const text = texts[i] ?? '';

    it(`shows only changes that it makes: ${page}`, () => {
      const changes = [...text.matchAll(/^```diff\n([^]*?)^```$/gm)].flatMap(([, diff = '']) =>
        diff.trimEnd().split('\n'),
      );
      expect(changes).to.not.deep.equal([]);
      const [before, after] = [linesOf(texts[i - 1]), linesOf(text)];
      const wrong = changes.filter((line) => {
        const code = line.slice(1);
        return line.startsWith('-') && !changes.includes(`+${code}`)
          ? !before.includes(code) || after.includes(code)
          : !after.includes(code);
      });
      expect(wrong).to.deep.equal([]);
    });

    it(`says which files it leaves as they were: ${page}`, () => {
      const before = filesIn(texts[i - 1] ?? '');
      const same = [...filesIn(text)]
        .filter(([name, code]) => before.get(name) === code)
        .map(([name]) => name);
      const [unchanged = ''] = /<details>[^]*<\/details>/.exec(text) ?? [];
      expect([...filesIn(unchanged).keys()]).to.have.members(same);
      const summary = /<summary>(.*)<\/summary>/.exec(unchanged)?.[1] ?? '';
      expect([...summary.matchAll(/<code>(.*?)<\/code>/g)].map(([, name]) => name)).to.have.members(same);
    });
  }
});

describe('The answers below commands', () => {
  for (const page of ['README.md', ...pagesOfDocs()]) {
    // An interactive zsh knows no comments: with an open quote it would wait, and swallow the next commands.
    it(`can be pasted into zsh with them: ${page}`, () => {
      const answers = readFileSync(join(ROOT, page), 'utf8').match(/^# → .*$/gm) ?? [];
      expect(answers.filter((line) => /^(?:[^"']|"[^"]*"|'[^']*')*$/.exec(line) === null)).to.deep.equal([]);
    });
  }
});
