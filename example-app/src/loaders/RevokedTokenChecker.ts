import {
  TokenInBlocklistLoader,
  type TokenInBlocklistLoaderInterface,
  type VerifiedEvent,
} from 'routing-controllers-jwt-extended';
import { Service } from 'typedi';
import { RevokedTokens } from '../session/RevokedTokens';

@Service()
@TokenInBlocklistLoader()
export class RevokedTokenChecker implements TokenInBlocklistLoaderInterface {
  constructor(private readonly revoked: RevokedTokens) {}

  load({ payload }: VerifiedEvent): Promise<boolean> {
    return this.revoked.has(String(payload.jti));
  }
}
