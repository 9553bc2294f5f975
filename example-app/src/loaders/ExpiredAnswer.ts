import {
  ExpiredTokenLoader,
  type ExpiredTokenLoaderInterface,
  type JwtAnswer,
  type RefusedTokenEvent,
} from 'routing-controllers-jwt-extended';
import { Service } from 'typedi';

/** Answers an expired token with its own message, and with a code for the page. */
@Service()
@ExpiredTokenLoader()
export class ExpiredAnswer implements ExpiredTokenLoaderInterface {
  load({ payload }: RefusedTokenEvent): JwtAnswer {
    const remedy = payload.type === 'access' ? 'refresh it with your refresh token' : 'log in again';
    return { body: { code: 'expired', msg: `Your ${payload.type} token has expired: ${remedy}` } };
  }
}
