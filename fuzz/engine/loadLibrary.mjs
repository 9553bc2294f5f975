import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import Module, { createRequire } from 'node:module';
import path from 'node:path';
import { createInstrumenter } from 'istanbul-lib-instrument';
import { Coverage } from './Coverage.mjs';

/** Where istanbul's code looks for its counters. */
const VARIABLE = '__fuzz_coverage__';
const CACHE = path.join(import.meta.dirname, '..', '..', 'build', 'fuzz', 'instrumented');

/** Loads a built library so that each of its statements and branches counts. Returns its exports and the counters. */
export function loadLibrary(folder) {
  const coverage = new Coverage();
  // Each file puts its counters here when it is loaded.
  globalThis[VARIABLE] = new Proxy(
    {},
    { set: (files, file, counts) => Reflect.set(files, file, coverage.added(file, counts)) },
  );
  mkdirSync(CACHE, { recursive: true });
  const load = Module._extensions['.js'];
  Module._extensions['.js'] = (module, file) => {
    if (!file.startsWith(folder + path.sep)) return load(module, file);
    const name = path.relative(folder, file).replaceAll('\\', '/');
    return module._compile(instrumented(readFileSync(file, 'utf8'), name), file);
  };
  try {
    const library = createRequire(import.meta.url)(path.join(folder, 'index.js'));
    return { library, coverage: coverage.sealed() };
  } finally {
    Module._extensions['.js'] = load;
  }
}

/** Code that counts. It is kept, because to make it takes seconds for the whole library. */
function instrumented(code, name) {
  const kept = path.join(CACHE, `${createHash('sha256').update(`${name}\n${code}`).digest('hex')}.js`);
  if (existsSync(kept)) return readFileSync(kept, 'utf8');
  const counting = createInstrumenter({ coverageVariable: VARIABLE, compact: true }).instrumentSync(
    code,
    name,
  );
  // Another process may look for it at the same time.
  writeFileSync(`${kept}.${process.pid}`, counting);
  renameSync(`${kept}.${process.pid}`, kept);
  return counting;
}
