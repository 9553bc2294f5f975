import type { Action } from 'routing-controllers';
import { JwtConfigurationError } from '../errors';
import { otherMajors } from '../registry/registry';
import { setupOf, type ManagerSetup } from './setup';
import { lastBuild } from './ServerBuild';

/**
 * Checks the set-up of the server that was built last: call it after `createKoaServer`, before `listen`. Development
 * does the same by itself, when a server is built and at its first request. Returns the managers that guards ask, and the
 * loaders that each of them asks: a loader that is not in the list was not imported. `action` is for a container that
 * has managers for requests only. Throws one JwtConfigurationError with everything that is wrong and its remedies.
 */
export function checkSetup(action?: Action): readonly ManagerSetup[] {
  const build = lastBuild();
  const { managers, missing, problems } = setupOf(build, action);
  const others = otherMajors().map((name) => `${name} is loaded too: npm ls shows who installs it, keep one`);
  const all = [
    ...(build === undefined ? others : build.errors),
    ...(build?.misuses ?? []),
    ...missing,
    ...problems,
  ];
  if (all.length > 0) throw new JwtConfigurationError(all.join('\n'));
  return managers;
}
