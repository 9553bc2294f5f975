/*
 * How each tool runs the application: a function that prepares a workshop, runs it, and returns how many checks have
 * passed. `build/app.js` is what tsc makes of it.
 */

/** What routing-controllers loads only when it is asked to: bundlers must leave it out. */
const OPTIONAL = ['@koa/cors', '@koa/multer', 'express', 'body-parser', 'multer', 'cookie-session', 'cors'];

const SWC = {
  jsc: {
    target: 'es2022',
    parser: { syntax: 'typescript', decorators: true },
    transform: { legacyDecorator: true, decoratorMetadata: true },
  },
  module: { type: 'commonjs' },
};

const TEST = `
  import { runChecks } from './checks.cjs';
  import { start } from './app';
  it('answers as it should', async () => {
    const { url, close } = await start();
    try {
      console.log('checks: ' + (await runChecks(url)));
    } finally {
      close();
    }
  });`;

async function bundledByEsbuild(workshop, name, ...flags) {
  const outside = OPTIONAL.map((each) => `--external:${each}`);
  const out = `${name}/app.js`;
  const bundle = ['written.ts', '--bundle', '--platform=node', '--log-level=error', `--outfile=${out}`];
  await workshop.run('esbuild', [...bundle, ...outside, ...flags]);
  return out;
}

async function tested(workshop, command, args) {
  const printed = await workshop.run(command, args, { CI: '1', NO_COLOR: '1' });
  const checks = /checks: (\d+)/.exec(printed)?.[1];
  if (checks === undefined) throw new Error(printed);
  return Number(checks);
}

export const TOOLS = {
  'CommonJS (tsc)': { package: 'typescript', run: (workshop) => workshop.serve(['build/app.js']) },
  'ES modules (tsc)': {
    package: 'typescript',
    run: async (workshop) => {
      workshop.write('esm/package.json', '{ "type": "module" }');
      await workshop.run('cp', ['app.ts', 'esm/app.ts']);
      await workshop.run('cp', ['tsconfig.json', 'esm/tsconfig.json']);
      await workshop.run('tsc', ['-p', 'esm']);
      return workshop.serve(['esm/build/app.js']);
    },
  },
  swc: {
    package: '@swc/core',
    run: async (workshop) => {
      workshop.write('swc.json', JSON.stringify(SWC));
      workshop.write(
        'swc.cjs',
        `const { code } = require('@swc/core').transformFileSync('app.ts', { ...require('./swc.json'), swcrc: false });
         require('node:fs').writeFileSync('swc.app.cjs', code);`,
      );
      await workshop.run(workshop.node, ['swc.cjs']);
      return workshop.serve(['swc.app.cjs']);
    },
  },
  'esbuild, bundled': {
    package: 'esbuild',
    isWritten: true,
    run: async (workshop) => workshop.serve([await bundledByEsbuild(workshop, 'esbuild')]),
  },
  'esbuild, bundled and minified': {
    package: 'esbuild',
    isWritten: true,
    run: async (workshop) => workshop.serve([await bundledByEsbuild(workshop, 'minified', '--minify')]),
  },
  'terser, on that bundle': {
    package: 'terser',
    isWritten: true,
    run: async (workshop) => {
      const bundle = await bundledByEsbuild(workshop, 'terser');
      await workshop.run('terser', [bundle, '-c', '-m', '--toplevel', '-o', 'terser/small.js']);
      return workshop.serve(['terser/small.js']);
    },
  },
  ncc: {
    package: '@vercel/ncc',
    run: async (workshop) => {
      const outside = OPTIONAL.flatMap((each) => ['-e', each]);
      await workshop.run('ncc', ['build', 'build/app.js', '-o', 'ncc', ...outside]);
      return workshop.serve(['ncc/index.js']);
    },
  },
  rollup: {
    package: 'rollup',
    run: async (workshop) => {
      workshop.write(
        'rollup.config.mjs',
        `import commonjs from '@rollup/plugin-commonjs';
         import json from '@rollup/plugin-json';
         import { nodeResolve } from '@rollup/plugin-node-resolve';
         export default {
           input: 'build/app.js',
           output: { file: 'rollup/app.cjs', format: 'cjs' },
           plugins: [
             nodeResolve({ mainFields: ['main'], preferBuiltins: true }),
             commonjs({ ignore: ${JSON.stringify(OPTIONAL)}, strictRequires: true }),
             json(),
           ],
         };`,
      );
      await workshop.run('rollup', ['-c', 'rollup.config.mjs', '--silent']);
      return workshop.serve(['rollup/app.cjs']);
    },
  },
  'ts-node': {
    package: 'ts-node',
    run: (workshop) => workshop.serve(['-r', 'ts-node/register', 'app.ts']),
  },
  tsx: {
    package: 'tsx',
    isWritten: true,
    run: (workshop) => workshop.serve(['--import', 'tsx', 'written.ts']),
  },
  vitest: {
    package: 'vitest',
    run: (workshop) => {
      workshop.write('vitest.config.mjs', 'export default { test: { globals: true } };');
      workshop.write('vitest.test.ts', TEST);
      return tested(workshop, 'vitest', ['run', 'vitest.test.ts']);
    },
  },
  'vite-node': {
    package: 'vite-node',
    isWritten: true,
    run: (workshop) => {
      workshop.write(
        'vite.config.mjs',
        `export default { resolve: { alias: { 'routing-controllers': 'routing-controllers/cjs/index.js' } } };`,
      );
      return workshop.serve(['node_modules/vite-node/dist/cli.mjs', '-c', 'vite.config.mjs', 'written.ts']);
    },
  },
  jest: {
    package: 'jest',
    run: (workshop) => {
      const { jsc } = SWC;
      workshop.write(
        'jest.config.cjs',
        `module.exports = { testMatch: ['**/jest.test.ts'], transform: { '\\\\.ts$': ['@swc/jest', ${JSON.stringify({ jsc })}] } };`,
      );
      workshop.write('jest.test.ts', TEST);
      return tested(workshop, 'jest', ['--ci']);
    },
  },
  Bun: {
    package: 'bun',
    isRuntime: true,
    run: (workshop) => workshop.serve(['run', 'app.ts'], `${workshop.folder}/node_modules/.bin/bun`),
  },
  Deno: {
    package: 'deno',
    isRuntime: true,
    run: (workshop) => {
      workshop.write('deno/deno.json', '{ "nodeModulesDir": "manual" }');
      return workshop.serve(
        ['run', '-A', '--no-check', 'build/app.js'],
        `${workshop.folder}/node_modules/.bin/deno`,
      );
    },
  },
};
