import { getFromContainer, type Action } from 'routing-controllers';
import { JwtConfigurationError } from '../errors';
import { JwtManager } from '../JwtManager';

/** The manager for a request, from whichever container the application gave to `useContainer`. */
export function getJwtManager(action: Action): JwtManager {
  let found: unknown;
  try {
    found = getFromContainer(JwtManager, action);
  } catch (cause) {
    throw new JwtConfigurationError(HOW_TO_PROVIDE, { cause });
  }
  if (found instanceof JwtManager) return found;
  throw new JwtConfigurationError(
    `${HOW_TO_PROVIDE}. If you did, two copies of this package are installed: npm ls shows them`,
  );
}

const HOW_TO_PROVIDE =
  'The container has no JwtManager: call useContainer(Container) of routing-controllers and ' +
  'Container.set(JwtManager, new JwtManager({ … })) before the first request';
