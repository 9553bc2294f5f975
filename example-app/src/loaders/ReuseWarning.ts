import {
  RefreshTokenReusedLoader,
  type RefreshTokenReusedLoaderInterface,
  type VerifiedEvent,
} from 'routing-controllers-jwt-extended';
import { Service } from 'typedi';

/** Logs that somebody has a copy of a refresh token. Never log a token itself. */
@Service()
@RefreshTokenReusedLoader()
export class ReuseWarning implements RefreshTokenReusedLoaderInterface {
  load({ identity, payload }: VerifiedEvent): void {
    const session = `session ${String(payload['sid'])} of user ${String(identity)}`;
    console.warn(`Warning: a refresh token was used twice and may be stolen; ${session} has been ended`);
  }
}
