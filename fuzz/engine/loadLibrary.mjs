import { readFileSync } from 'node:fs';
import Module, { createRequire } from 'node:module';
import path from 'node:path';
import { createInstrumenter } from 'istanbul-lib-instrument';
import { Coverage } from './Coverage.mjs';

/** Where istanbul's code looks for its counters. */
const VARIABLE = '__fuzz_coverage__';

/** Loads a built library so that each of its statements and branches counts. Returns its exports and the counters. */
export function loadLibrary(folder) {
  const coverage = new Coverage();
  // Each file puts its counters here when it is loaded.
  globalThis[VARIABLE] = new Proxy(
    {},
    { set: (files, file, counts) => Reflect.set(files, file, coverage.added(file, counts)) },
  );
  const instrumenter = createInstrumenter({ coverageVariable: VARIABLE, compact: true });
  const load = Module._extensions['.js'];
  Module._extensions['.js'] = (module, file) => {
    if (!file.startsWith(folder + path.sep)) return load(module, file);
    return module._compile(instrumenter.instrumentSync(readFileSync(file, 'utf8'), file), file);
  };
  try {
    const library = createRequire(import.meta.url)(path.join(folder, 'index.js'));
    return { library, coverage: coverage.sealed() };
  } finally {
    Module._extensions['.js'] = load;
  }
}
