import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import ts from 'typescript';
import { ROOT } from './support/root';

/** A layer may import from itself and from later layers. */
const LAYERS = [
  'index',
  'testing',
  'openapi',
  'decorator',
  'route',
  'guard',
  'JwtManager',
  'request',
  'session',
  'key',
  'loader',
  'token',
  'events',
  'config',
  'store',
  'errors',
  'registry',
  'claims',
];

/** Names too vague to say what belongs there. */
const VAGUE = /^(utils?|helpers?|common|shared|misc|types?|interfaces?)(\.ts)?$/;

const inSource = filesIn('src');
const sources = inSource.filter((file) => file.endsWith('.ts'));
const imports = new Map(sources.map((file) => [file, importsOf(file)]));

describe('src', () => {
  it('has a layer for every file', () => {
    expect(sources.filter((file) => !LAYERS.includes(layerOf(file)))).to.deep.equal([]);
    expect(sources).to.include('index.ts');
  });

  it('imports only from the same layer or lower, types too', () => {
    const upwards = [...imports].flatMap(([file, imported]) =>
      imported
        .filter((other) => LAYERS.indexOf(layerOf(other)) < LAYERS.indexOf(layerOf(file)))
        .map((other) => `${file} imports ${other}`),
    );
    expect(upwards).to.deep.equal([]);
  });

  it('has no import cycles, types too', () => {
    expect(sources.flatMap((file) => circleFrom(file, []) ?? [])).to.deep.equal([]);
  });

  it('imports only files that exist, and never index', () => {
    const all = [...imports.values()].flat();
    expect(all.filter((file) => !sources.includes(file))).to.deep.equal([]);
    expect(all).to.not.include('index.ts');
  });

  it("changes routing-controllers' metadata storage in one file only, and reads it in another", () => {
    const knowing = sources.filter((file) =>
      /getMetadataArgsStorage|routingControllersMetadataArgsStorage/.test(textOf(file)),
    );
    expect(knowing).to.deep.equal(['guard/interceptStorage.ts', 'route/servedActions.ts']);
  });

  it('has only the entry, the manager, the errors and the claims in its root', () => {
    const inRoot = sources.filter((file) => !file.includes('/'));
    expect(inRoot).to.have.members(['index.ts', 'JwtManager.ts', 'errors.ts', 'claims.ts']);
  });

  it('has no folder or file with a vague name', () => {
    expect(inSource.filter((file) => VAGUE.test(path.basename(file)))).to.deep.equal([]);
  });

  it('has one name for each state that copies of the package share', () => {
    const names = sources.flatMap((file) =>
      [...textOf(file).matchAll(/\bshared\(\s*'([^']+)'/g)].map(([, name]) => name),
    );
    expect(names.length).to.be.greaterThan(5);
    expect(names.filter((name, i) => names.indexOf(name) !== i)).to.deep.equal([]);
  });

  it('has named exports only', () => {
    const byDefault = sources.filter((file) => /^export (default\b|=)|\bas default\b/m.test(textOf(file)));
    expect(byDefault).to.deep.equal([]);
  });
});

/** Folders of spec that are about more than one folder of src. */
const ACROSS = [
  'attacks',
  'bench',
  'browser',
  'containers',
  'contract',
  'example-app',
  'fuzz',
  'package',
  'pages',
  'soak',
  'rfc',
  'site',
  'support',
  'transports',
  'types',
];

describe('The specs', () => {
  it('are in folders that mirror those of src', () => {
    const folders = filesIn('spec')
      .filter((file) => file.endsWith('.spec.ts') && file.includes('/'))
      .map((file) => path.posix.dirname(file))
      .filter((folder) => !ACROSS.includes(folder));
    expect([...new Set(folders)].filter((folder) => !inSource.includes(folder))).to.deep.equal([]);
    expect(ACROSS.filter((folder) => inSource.includes(folder))).to.deep.equal([]);
  });

  it('named after a file of src are named after one that exists', () => {
    const named = filesIn('spec').filter((file) => /\/[A-Z]\w+\.spec\.ts$/.test(file));
    const missing = named.filter((file) => !sources.includes(file.replace('.spec.ts', '.ts')));
    expect(missing.filter((file) => !ACROSS.includes(String(file.split('/')[0])))).to.deep.equal([]);
  });

  it('all run in mocha', () => {
    const { spec } = JSON.parse(readFileSync(path.join(ROOT, '.mocharc.json'), 'utf8')) as { spec: string[] };
    const patterns = spec.map(toRegExp);
    const specs = filesIn('spec')
      .filter(
        (file) =>
          /\.spec\.\w+$/.test(file) || (file.endsWith('.ts') && /^describe\(/m.test(textOf(file, 'spec'))),
      )
      .map((file) => `build/spec/${file.replace(/\.ts$/, '.js')}`);
    expect(specs).to.include('build/spec/architecture.spec.js');
    expect(specs.filter((file) => !patterns.some((pattern) => pattern.test(file)))).to.deep.equal([]);
  });
});

function filesIn(folder: string): string[] {
  const names = readdirSync(path.join(ROOT, folder), { recursive: true, encoding: 'utf8' });
  return names.map((name) => name.split(path.sep).join('/')).sort();
}

function textOf(file: string, folder = 'src'): string {
  return readFileSync(path.join(ROOT, folder, file), 'utf8');
}

/** The files of src that a file imports, re-exports, or names in a type. */
function importsOf(file: string): string[] {
  return ts
    .preProcessFile(textOf(file))
    .importedFiles.map(({ fileName }) => fileName)
    .filter((name) => name.startsWith('.'))
    .map((name) => `${path.posix.join(path.posix.dirname(file), name)}.ts`);
}

function layerOf(file: string): string {
  return file.split('/')[0]?.replace(/\.ts$/, '') ?? file;
}

/** An import cycle through a file, or undefined. Only the first file of a cycle reports it. */
function circleFrom(file: string, way: readonly string[]): string | undefined {
  if (file === way[0]) return [...way, file].join(' → ');
  if (way.includes(file) || file < (way[0] ?? file)) return undefined;
  for (const imported of imports.get(file) ?? []) {
    const circle = circleFrom(imported, [...way, file]);
    if (circle !== undefined) return circle;
  }
  return undefined;
}

/** A mocha pattern: `*` is any name, `**` any number of folders. */
function toRegExp(pattern: string): RegExp {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replace(/\*\*\/|\*/g, (stars) => (stars === '*' ? '[^/]*' : '(?:[^/]+/)*'));
  return new RegExp(`^${source}$`);
}
