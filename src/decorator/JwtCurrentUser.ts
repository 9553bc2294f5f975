import { getJwtManager } from '../guard/getJwtManager';
import { stateDecorator } from './stateDecorator';

/** What the user loader returned; undefined for an anonymous request (flask: get_current_user). */
export function JwtCurrentUser(): ParameterDecorator {
  return stateDecorator((state, action) => getJwtManager(action).currentUser(state));
}
