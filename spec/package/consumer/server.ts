import 'reflect-metadata';
import type { AddressInfo } from 'node:net';
import type Koa from 'koa';
import {
  Authorized,
  createKoaServer,
  Ctx,
  CurrentUser,
  Get,
  JsonController,
  useContainer,
} from 'routing-controllers';
import {
  authorizationChecker,
  currentUserChecker,
  ExpiredTokenLoader,
  JwtClaim,
  JwtIdentity,
  JwtManager,
  JwtOptional,
  JwtRequired,
  UserClaimsLoader,
  UserLoader,
  type ExpiredTokenLoaderInterface,
  type IssueEvent,
  type JwtAnswer,
  type JwtOptions,
  type RefusedTokenEvent,
  type UserClaimsLoaderInterface,
  type UserLoaderInterface,
  type VerifiedEvent,
} from 'routing-controllers-jwt-extended';
import { Container, Service } from 'typedi';

// @ts-expect-error -- proves that the types are found: with `any` this would compile
export const unknownOption: JwtOptions = { secret: '' };

interface User {
  readonly name: string;
}

@Service()
@UserLoader()
class Users implements UserLoaderInterface {
  load({ identity }: VerifiedEvent): User {
    return { name: String(identity) };
  }
}

@Service()
@UserClaimsLoader()
class Roles implements UserClaimsLoaderInterface {
  load({ type }: IssueEvent): Record<string, unknown> {
    return type === 'access' ? { roles: ['reader'] } : {};
  }
}

@Service()
@ExpiredTokenLoader()
class Expired implements ExpiredTokenLoaderInterface {
  async load({ error, payload }: RefusedTokenEvent): Promise<JwtAnswer> {
    return Promise.resolve({ status: error.status, body: { expired: payload.exp } });
  }
}

@Service()
@JsonController()
class OpenController {
  constructor(private readonly jwt: JwtManager) {}

  @Get('/token')
  async token(): Promise<object> {
    return { token: await this.jwt.createAccessToken('alice', { expires: '5 minutes', fresh: true }) };
  }

  @Get('/greeting')
  @JwtOptional({ locations: ['headers'] })
  greeting(@JwtIdentity() name?: string): object {
    return { greeting: `Hello, ${name ?? 'stranger'}!` };
  }
}

@Service()
@JsonController()
@JwtRequired()
class GuardedController {
  @Get('/me')
  me(@CurrentUser() user: User, @JwtClaim('roles') roles: string[], @Ctx() ctx: Koa.Context): object {
    const identity: string | undefined = ctx.state.jwt?.identity;
    const expires: number | undefined = ctx.state.jwt?.payload?.exp;
    return { name: user.name, identity, roles, expires: typeof expires };
  }

  @Get('/admin')
  @Authorized('admin')
  admin(): object {
    return {};
  }
}

const options: JwtOptions = {
  secretKey: 'a secret of the consumer, long enough for HS256',
  loaders: [Users, Roles, Expired],
};
useContainer(Container);
Container.set(JwtManager, new JwtManager(options));
const app = createKoaServer({
  controllers: [OpenController, GuardedController],
  currentUserChecker,
  authorizationChecker,
}) as Koa;
const server = app.listen(0, '127.0.0.1', () => {
  console.log(`port ${(server.address() as AddressInfo).port}`);
});
