import { assertJson } from './assertJson';

/** Claims or headers, as an application adds them. */
export type Members = Readonly<Record<string, unknown>>;

/**
 * Of these each wins over those before it; none is changed. Each is checked by itself, for spreading makes a plain
 * object of anything.
 */
export function merged(layers: readonly (Members | undefined)[], name: string): Members {
  const given = layers.filter((members) => members != null);
  for (const members of given) assertJson(members, name);
  return given.reduce((below, members) => ({ ...below, ...members }), {});
}

/** Throws TypeError where something was added that is the library's own. */
export function refuseNames(additional: object, reserved: readonly string[], what: string): void {
  const taken = Object.keys(additional).find((name) => reserved.includes(name));
  if (taken !== undefined)
    throw new TypeError(`${what} ${taken} is set by the library and cannot be overridden`);
}
