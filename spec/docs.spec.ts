import { existsSync, readFileSync } from 'node:fs';
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
      const local = links.filter((link) => !/^[a-z]+:/.test(link)).map((link) => join(page, '..', link));
      expect(local.filter((file) => !existsSync(join(ROOT, file)))).to.deep.equal([]);
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
