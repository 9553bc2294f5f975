import type { Context } from 'koa';
import { createParamDecorator, type Action } from 'routing-controllers';
import { getJwtState, type JwtState } from '../request/JwtState';

/** A parameter decorator that reads what the guard has found out; an Error where none has run. */
export function stateDecorator(read: (state: JwtState, action: Action) => unknown): ParameterDecorator {
  return createParamDecorator({
    value: (action) => read(getJwtState(action.context as Context), action),
  }) as ParameterDecorator;
}
