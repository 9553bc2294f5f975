import { readFileSync } from 'node:fs';
import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import path from 'node:path';
import { runInNewContext } from 'node:vm';
import { expect } from 'chai';
import Koa from 'koa';
import * as loaders from '../../src/decorator/loaders';
import * as parameters from '../../src/decorator/parameters';
import * as library from '../../src/index';
import { run } from '../support/Program';
import { ROOT } from '../support/root';
import { SECRET } from '../support/secret';

const page = readFileSync(path.join(ROOT, 'docs/decorators.md'), 'utf8');

/** The table below a heading: its rows, each with its cells by the name of their column. */
function tableBelow(heading: string): Record<string, string>[] {
  const [, below = ''] = page.split(`${heading}\n`);
  const [table = ''] = /(?:^\|.*\n)+/m.exec(below) ?? [];
  const [head = [], , ...rows] = table
    .trim()
    .split('\n')
    .map((line) => line.split(/(?<!\\)\|/).slice(1, -1))
    .map((cells) => cells.map((cell) => cell.trim().replace(/^`([^`]*)`$/, '$1')));
  return rows.map((cells) => Object.fromEntries(head.map((name, i) => [name, cells[i] ?? ''])));
}

class PartnerJwtManager extends library.JwtManager {}

/** Each option with a good value, and with what it needs besides. */
const OPTIONS: Readonly<Record<string, object>> = {
  locations: { locations: ['headers'] },
  skipRevocationCheck: { skipRevocationCheck: true },
  manager: { manager: PartnerJwtManager },
  verifyType: { verifyType: false },
  purpose: { purpose: 'password-reset' },
  singleUse: { purpose: 'password-reset', singleUse: true },
  fresh: { fresh: true },
  refresh: { refresh: true },
  optional: { optional: true },
  origins: { origins: ['https://example.com'] },
};

const manager = new library.JwtManager({ secretKey: SECRET, loaders: [] });

/** Whether a call does not know an option. Any other error of it, such as that there is no token, comes later. */
async function isUnknown(call: () => unknown): Promise<boolean> {
  try {
    await call();
    return false;
  } catch (error) {
    return /^Unknown option|^Option \w+ must be|^Write @JwtExempt/.test((error as Error).message);
  }
}

function request(): IncomingMessage {
  const message = new IncomingMessage(new Socket());
  message.headers = { host: 'localhost' };
  return message;
}

const CALLS: Readonly<Record<string, (options: never) => unknown>> = {
  '@JwtRequired': library.JwtRequired,
  '@FreshJwtRequired': library.FreshJwtRequired,
  '@JwtOptional': library.JwtOptional,
  '@RefreshJwtRequired': library.RefreshJwtRequired,
  '@JwtExempt': library.JwtExempt,
  jwtGuard: library.jwtGuard,
  verifyJwtInRequest: (options) => {
    const message = request();
    return manager.verifyJwtInRequest(new Koa().createContext(message, {} as never), options);
  },
  verifyToken: (options) => manager.verifyToken('', options),
  verifyUpgrade: (options) => manager.verifyUpgrade(request(), options),
};

describe('docs/decorators.md', function () {
  this.timeout(60_000);
  let printed: {
    readonly matrix: readonly (readonly string[])[];
    readonly byDefault: Readonly<Record<string, boolean>>;
  };

  before(async () => {
    const program = path.join(__dirname, 'fixtures/tables.program.js');
    printed = JSON.parse(
      await run(process.execPath, [program, JSON.stringify(OPTIONS)], { cwd: ROOT }),
    ) as typeof printed;
  });

  for (const [heading, options] of [
    ['## Guards', Object.keys(OPTIONS).filter((name) => name !== 'origins')],
    ['### The same as functions', Object.keys(OPTIONS)],
  ] as const) {
    const rows = tableBelow(heading);

    it(`has a row for each option: ${heading}`, () => {
      expect(rows.map(({ option }) => option)).to.have.members(options);
    });

    for (const { option = '', takes, ...cells } of rows) {
      for (const [name, cell] of Object.entries(cells)) {
        if (name === 'what it does') continue;
        it(`says whether ${name} takes ${option}: ${cell === '' ? 'no' : cell}`, async () => {
          const isTaken =
            name === 'requireJwtByDefault'
              ? printed.byDefault[option]
              : !(await isUnknown(() => CALLS[name]?.(OPTIONS[option] as never)));
          expect(isTaken).to.equal(cell === 'yes');
          expect(cell).to.match(/^(?:yes|always|)$/);
        });
      }
      if (takes === undefined) continue;
      it(`shows a value for ${option}: ${takes}`, () => {
        const value: unknown = runInNewContext(takes, { PartnerJwtManager });
        const shown = { ...OPTIONS[option], [option]: value };
        expect(() => library.jwtGuard(shown)).to.not.throw();
      });
    }
  }

  it('says what a decorator always demands', () => {
    const always = Object.fromEntries(
      tableBelow('## Guards').flatMap((row) =>
        Object.entries(row).flatMap(([name, cell]) => (cell === 'always' ? [[name, row['option']]] : [])),
      ),
    );
    expect(always).to.deep.equal({
      '@FreshJwtRequired': 'fresh',
      '@JwtOptional': 'optional',
      '@RefreshJwtRequired': 'refresh',
    });
    // The row of an undecorated method shows what each demands.
    const [none = []] = printed.matrix;
    expect(none.slice(2, 6)).to.deep.equal(['access', 'fresh', 'optional', 'refresh']);
  });

  for (const { written = '', 'the error says': says = '' } of tableBelow(
    '### Options that exclude each other',
  )) {
    it(`is right that ${written} is an error`, () => {
      let error: unknown;
      try {
        runInNewContext(written, { ...library });
      } catch (thrown) {
        error = thrown;
      }
      expect(error).to.be.an.instanceOf(library.JwtConfigurationError);
      expect((error as Error).message).to.include(says);
    });
  }

  it('shows how each decorator of a class and of what it inherits combine', () => {
    const rows = tableBelow('### A decorator on the class, another on what it inherits');
    const columns = Object.keys(rows[0] ?? {});
    const plain = (name: string): string => name.replaceAll(/[`@]/g, '');
    expect(columns.slice(1).map(plain)).to.deep.equal(printed.matrix.map(([name]) => name));
    expect(rows.map((row) => columns.map((name) => plain(row[name] ?? '')))).to.deep.equal(printed.matrix);
  });

  it('has a row for each parameter decorator', () => {
    const named = tableBelow('## Parameters').map(({ decorator = '' }) => /@(\w+)/.exec(decorator)?.[1]);
    expect(named).to.have.members(Object.keys(parameters));
  });

  it('names each loader decorator once', () => {
    const [, section = ''] = page.split('## Loaders\n');
    const named = [...section.matchAll(/`@(\w+Loader)\(\)`/g)].map(([, name]) => name);
    expect(named).to.have.members(Object.keys(loaders));
  });
});
