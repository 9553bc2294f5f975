/* What `npm run test:compat` runs. A version is a range of npm: the newest that fits is taken, and the results name it. */

/** The packages that README tells users to install, as a row has them unless it says otherwise. */
export const PACKAGES = {
  koa: '^3.0.0',
  '@koa/router': '^15.0.0',
  'koa-bodyparser': '^4.0.0',
  'routing-controllers': '~0.11.3',
  'class-validator': '^0.14.0',
  'class-transformer': '^0.5.0',
  'reflect-metadata': '^0.2.0',
  typedi: '^0.10.0',
};

/** The Node that runs everything else. */
export const NODE = '24';

export const NODES = ['20.19.0', '20', '22.12.0', '22', '24.0.0', '24', '25', '26'];

export const VERSIONS = {
  koa: ['2.16.0', '^2.16.0', '3.0.0', '^3.0.0'],
  '@koa/router': ['13.0.0', '^13.0.0', '^14.0.0', '15.0.0', '15.1.0', '^15.1.0'],
  'routing-controllers': ['0.10.4', '0.11.2', '0.11.3'],
};

/** The version for which routing-controllers 0.10 was made. */
export const ALSO = { 'routing-controllers 0.10.4': { 'reflect-metadata': '^0.1.13' } };

export const TYPESCRIPTS = [
  '5.0',
  '5.1',
  '5.2',
  '5.3',
  '5.4',
  '5.5',
  '5.6',
  '5.7',
  '5.8',
  '5.9',
  '6.0',
  '7.0',
];

/** Installed together, in one folder. */
export const TOOL_PACKAGES = {
  '@types/node': '^24.0.0',
  typescript: '~6.0.0',
  '@swc/core': '^1.0.0',
  '@swc/jest': '^0.2.0',
  esbuild: '^0.28.0',
  terser: '^5.0.0',
  '@vercel/ncc': '^0.45.0',
  rollup: '^4.0.0',
  '@rollup/plugin-commonjs': '*',
  '@rollup/plugin-json': '*',
  '@rollup/plugin-node-resolve': '*',
  'ts-node': '^10.0.0',
  tsx: '^4.0.0',
  vitest: '^4.0.0',
  'vite-node': '*',
  jest: '^30.0.0',
  bun: '^1.0.0',
  deno: '^2.0.0',
};
