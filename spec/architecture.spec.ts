import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import ts from 'typescript';
import { ROOT } from './support/root';

/** Each may import from itself and from what stands after it. */
const LAYERS = [
  'index',
  'decorator',
  'guard',
  'JwtManager',
  'request',
  'session',
  'key',
  'loader',
  'token',
  'config',
  'store',
  'errors',
  'claims',
];

/** Names that say nothing of what belongs there, so that everything ends up there. */
const VAGUE = /^(utils?|helpers?|common|shared|misc|types?|interfaces?)(\.ts)?$/;

const inSource = filesIn('src');
const sources = inSource.filter((file) => file.endsWith('.ts'));
const imports = new Map(sources.map((file) => [file, importsOf(file)]));

describe('The architecture of src', () => {
  it('has a layer for every file', () => {
    expect(sources.filter((file) => !LAYERS.includes(layerOf(file)))).to.deep.equal([]);
    expect(sources).to.include('index.ts');
  });

  it('imports from the same layer or one below, types too', () => {
    const upwards = [...imports].flatMap(([file, imported]) =>
      imported
        .filter((other) => LAYERS.indexOf(layerOf(other)) < LAYERS.indexOf(layerOf(file)))
        .map((other) => `${file} imports ${other}`),
    );
    expect(upwards).to.deep.equal([]);
  });

  it('imports in no circle, types too', () => {
    expect(sources.flatMap((file) => circleFrom(file, []) ?? [])).to.deep.equal([]);
  });

  it('imports from itself only what is there, and index from nowhere', () => {
    const all = [...imports.values()].flat();
    expect(all.filter((file) => !sources.includes(file))).to.deep.equal([]);
    expect(all).to.not.include('index.ts');
  });

  it("knows routing-controllers' metadata storage in one place only", () => {
    const knowing = sources.filter((file) =>
      /getMetadataArgsStorage|routingControllersMetadataArgsStorage/.test(textOf(file)),
    );
    expect(knowing).to.deep.equal(['guard/interceptStorage.ts']);
  });

  it('has no folder or file with a name for everything', () => {
    expect(inSource.filter((file) => VAGUE.test(path.basename(file)))).to.deep.equal([]);
  });

  it('exports by name', () => {
    const byDefault = sources.filter((file) => /^export (default\b|=)|\bas default\b/m.test(textOf(file)));
    expect(byDefault).to.deep.equal([]);
  });
});

describe('The specs', () => {
  it('are all run by mocha', () => {
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

/** A way from a file back to itself, told once, by the first of its files; undefined where there is none. */
function circleFrom(file: string, way: readonly string[]): string | undefined {
  if (file === way[0]) return [...way, file].join(' → ');
  if (way.includes(file) || file < (way[0] ?? file)) return undefined;
  for (const imported of imports.get(file) ?? []) {
    const circle = circleFrom(imported, [...way, file]);
    if (circle !== undefined) return circle;
  }
  return undefined;
}

/** A pattern of mocha: `*` is any name, and `**` any number of folders. */
function toRegExp(pattern: string): RegExp {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replace(/\*\*\/|\*/g, (stars) => (stars === '*' ? '[^/]*' : '(?:[^/]+/)*'));
  return new RegExp(`^${source}$`);
}
