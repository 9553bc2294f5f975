import { getAdmittingManager } from '../guard/getJwtManager';
import { assertCalled } from './assertCalled';
import { stateDecorator } from './stateDecorator';

/** What the user loader returned; undefined for an anonymous request (flask: get_current_user). */
export function JwtCurrentUser(...given: []): ParameterDecorator {
  assertCalled('JwtCurrentUser', given, 0);
  return stateDecorator((state, action) => getAdmittingManager(action).currentUser(state));
}
