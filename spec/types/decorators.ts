// Compiled, never run: the compiler must find a mistake in each line under @ts-expect-error.
import { createKoaServer, Get, JsonController } from 'routing-controllers';
import {
  authorizationChecker,
  authorizationCheckerWith,
  currentUserChecker,
  FreshJwtRequired,
  JwtClaim,
  JwtCurrentUser,
  JwtExempt,
  JwtHeader,
  JwtIdentity,
  JwtLocation,
  JwtOptional,
  JwtPayload,
  JwtRequired,
  RefreshJwtRequired,
  type JoseHeader,
  type JwtClaims,
  type RoleCheck,
  type TokenLocation,
} from '../../src/index';

@JsonController('/required')
@JwtRequired()
export class RequiredController {
  @Get('/fresh')
  @FreshJwtRequired()
  fresh(@JwtIdentity() identity: string, @JwtClaim('role') role: string | undefined): unknown[] {
    return [identity, role];
  }

  @Get('/refresh')
  @RefreshJwtRequired()
  async refresh(@JwtPayload() payload: JwtClaims, @JwtHeader() header: JoseHeader): Promise<unknown[]> {
    return Promise.resolve([payload, header]);
  }

  @Get('/optional')
  @JwtOptional()
  optional(@JwtLocation() location?: TokenLocation, @JwtCurrentUser() user?: { name: string }): unknown[] {
    return [location, user];
  }

  @Get('/exempt')
  @JwtExempt()
  exempt(): void {
    return;
  }
}

@FreshJwtRequired()
export class FreshController {}

@RefreshJwtRequired()
export class RefreshController {}

@JwtOptional()
export class OptionalController {}

@JwtExempt()
export class ExemptController {}

// @ts-expect-error -- the decorator must be called
@JwtRequired
export class NotCalledController {}

// @ts-expect-error -- a class is not a parameter
@JwtIdentity()
export class IdentityController {}

export class WrongPlaces {
  // @ts-expect-error -- a property is not an action
  @JwtRequired()
  readonly property = 1;

  // @ts-expect-error -- a method is not a parameter
  @JwtPayload()
  method(): void {
    return;
  }

  // @ts-expect-error -- a parameter is not an action
  parameter(@JwtRequired() parameter: string): string {
    return parameter;
  }

  // @ts-expect-error -- no claim
  claim(@JwtClaim() claim: string): string {
    return claim;
  }
}

createKoaServer({ currentUserChecker, authorizationChecker });
createKoaServer({
  authorizationChecker: authorizationCheckerWith(async ({ payload }, roles) =>
    Promise.resolve(roles.some((role) => role === payload?.['role'])),
  ),
});
// @ts-expect-error -- a check returns true or false
authorizationCheckerWith(({ payload }, roles) => roles.find((role) => role === payload?.['role']));

interface Member {
  readonly roles: readonly string[];
}

const isMember: RoleCheck<Member> = ({ user }, roles) =>
  roles.some((role) => user?.roles.includes(role) === true);
authorizationCheckerWith(isMember);
authorizationCheckerWith<Member>(({ user }, [role = '']) => user?.roles.includes(role) ?? false);
authorizationCheckerWith<Member, number>(({ identity }) => (identity ?? 0) > 1);
// @ts-expect-error -- users have no rank
authorizationCheckerWith<Member>(({ user }) => user?.rank === 1);
