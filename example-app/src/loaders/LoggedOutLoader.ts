import {
  ExpiredTokenLoader,
  type ExpiredTokenLoaderInterface,
  type JwtAnswer,
  type RefusedTokenEvent,
} from 'routing-controllers-jwt-extended';
import { Service } from 'typedi';

/** Answers an expired token in this application's own words. */
@Service()
@ExpiredTokenLoader()
export class LoggedOutLoader implements ExpiredTokenLoaderInterface {
  load({ payload }: RefusedTokenEvent): JwtAnswer {
    const remedy = payload.type === 'access' ? 'POST /refresh with your refresh token' : 'log in again';
    return { body: { msg: `Your ${payload.type} token has expired: ${remedy}` } };
  }
}
