import {
  NeedsFreshTokenLoader,
  type JwtAnswer,
  type NeedsFreshTokenLoaderInterface,
  type RefusedTokenEvent,
} from 'routing-controllers-jwt-extended';
import { Service } from 'typedi';

/** Answers a token that is not fresh with a code for the page, which then asks for the password. */
@Service()
@NeedsFreshTokenLoader()
export class NotFreshAnswer implements NeedsFreshTokenLoaderInterface {
  load({ error }: RefusedTokenEvent): JwtAnswer {
    return { body: { code: 'not fresh', msg: error.message } };
  }
}
