import { createRequire } from 'node:module';
import { listenerOf } from '../scenarios/index.mjs';

/** The listener of a scenario. Loads koa, routing-controllers and typedi as the library does: one copy of each. */
export function openListener(key, surroundings) {
  return listenerOf(key, { ...surroundings, load: createRequire(surroundings.library) });
}
