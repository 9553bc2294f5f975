/** Compiles src and spec of the current folder into build, without a look at the types: mutants have none. */
import { globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

const root = process.cwd();
const ts = createRequire(path.join(root, 'package.json'))('typescript');
const { config } = ts.readConfigFile('tsconfig.json', ts.sys.readFile);
const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, root);

for (const file of globSync('{src,spec}/**/*.ts')) {
  if (file.endsWith('.d.ts')) continue;
  const target = path.join('build', file.replace(/\.ts$/, '.js'));
  mkdirSync(path.dirname(target), { recursive: true });
  const { outputText } = ts.transpileModule(readFileSync(file, 'utf8'), {
    compilerOptions: { ...options, sourceMap: false },
    fileName: path.join(root, file),
  });
  writeFileSync(target, outputText);
}
