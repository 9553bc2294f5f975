import {
  UserIdentityLoader,
  type IssueEvent,
  type UserIdentityLoaderInterface,
} from 'routing-controllers-jwt-extended';
import { Service } from 'typedi';
import type { User } from '../users/User';

/** Tokens identify users by their ids. */
@Service()
@UserIdentityLoader()
export class UserIdLoader implements UserIdentityLoaderInterface {
  load({ identity }: IssueEvent): string {
    return (identity as User).id;
  }
}
