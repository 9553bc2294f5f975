import {
  UserClaimsLoader,
  type IssueEvent,
  type UserClaimsLoaderInterface,
} from 'routing-controllers-jwt-extended';
import { Service } from 'typedi';
import type { User } from '../users/User';

/** Adds the claim `roles` to every access token, which `@Authorized('admin')` checks. */
@Service()
@UserClaimsLoader()
export class RolesLoader implements UserClaimsLoaderInterface {
  load({ identity, type }: IssueEvent): Record<string, unknown> {
    return type === 'access' ? { roles: (identity as User).roles } : {};
  }
}
