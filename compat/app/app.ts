/*
 * The application that every row of the matrix runs. One file, because some tools take no more. `injected by type`
 * marks what needs emitDecoratorMetadata. For compilers without it, the matrix writes the injection out.
 */
import 'reflect-metadata';
import type { AddressInfo } from 'node:net';
import type Koa from 'koa';
import type { Context, Next } from 'koa';
import {
  Authorized,
  Body,
  createKoaServer,
  Ctx,
  CurrentUser,
  Delete,
  Get,
  JsonController,
  Post,
  UseBefore,
  useContainer,
} from 'routing-controllers';
import {
  authorizationChecker,
  currentUserChecker,
  ExpiredTokenLoader,
  FreshJwtRequired,
  JwtClaim,
  JwtCurrentUser,
  JwtExempt,
  JwtHeader,
  JwtIdentity,
  jwtGuard,
  JwtLocation,
  JwtManager,
  JwtOptional,
  JwtPayload,
  JwtRequired,
  MemoryRevocationStore,
  RefreshJwtRequired,
  serveJwks,
  UserLoader,
} from 'routing-controllers-jwt-extended';
import type {
  ExpiredTokenLoaderInterface,
  JoseHeader,
  JwtAnswer,
  JwtClaims,
  JwtOptions,
  RefusedTokenEvent,
  UserLoaderInterface,
  VerifiedEvent,
} from 'routing-controllers-jwt-extended';
import { Container, Service } from 'typedi';
import { createHmac, generateKeyPairSync } from 'node:crypto';

// @ts-expect-error -- proves that the types are found: with `any` this would compile
export const unknownOption: JwtOptions = { secret: '' };

interface LogIn {
  readonly name: string;
  readonly fresh?: boolean;
  readonly additionalClaims?: Record<string, unknown>;
}

interface User {
  readonly name: string;
}

const SECRET = 'a secret of the matrix, long enough for HS256';

class PartnerJwtManager extends JwtManager {}

@Service()
class UserRepository {
  find(name: unknown): User | undefined {
    return name === 'alice' ? { name } : undefined;
  }
}

@Service()
@UserLoader()
class FindUser implements UserLoaderInterface {
  constructor(/* injected by type */ private readonly users: UserRepository) {}

  async load({ identity }: VerifiedEvent): Promise<User | undefined> {
    return Promise.resolve(this.users.find(identity));
  }
}

@Service()
@ExpiredTokenLoader()
class Expired implements ExpiredTokenLoaderInterface {
  load({ error, payload }: RefusedTokenEvent): JwtAnswer {
    return { status: error.status, body: { endedAt: payload.exp } };
  }
}

@Service()
@JsonController('/session')
class SessionController {
  constructor(/* injected by type */ private readonly jwt: JwtManager) {}

  @Post()
  async logIn(@Body() { name, ...options }: LogIn, @Ctx() ctx: Context): Promise<object> {
    const pair = await this.jwt.createTokenPair(name, options);
    await this.jwt.setAccessCookies(ctx, pair.accessToken);
    return pair;
  }

  @Post('/refresh')
  @RefreshJwtRequired({ locations: ['headers'] })
  refresh(@Ctx() ctx: Context): Promise<object> {
    return this.jwt.rotate(ctx);
  }

  @Delete()
  @JwtRequired()
  async logOut(@JwtPayload() token: JwtClaims, @Ctx() ctx: Context): Promise<object> {
    await this.jwt.revokeSession(token);
    this.jwt.unsetJwtCookies(ctx);
    return {};
  }

  @Post('/expired')
  async expired(): Promise<object> {
    const [header = '', claims = ''] = (await this.jwt.createAccessToken('alice')).split('.');
    const ended = { ...(JSON.parse(Buffer.from(claims, 'base64url').toString()) as object), exp: 1 };
    const content = `${header}.${Buffer.from(JSON.stringify(ended)).toString('base64url')}`;
    return { accessToken: `${content}.${createHmac('sha256', SECRET).update(content).digest('base64url')}` };
  }
}

abstract class Base {
  @Get('/inherited')
  inherited(@JwtIdentity() identity: string): object {
    return { identity };
  }
}

@Service()
@JsonController('/guarded')
@UseBefore((ctx: Context, next: Next) => {
  ctx.set('x-seen', String(ctx.state.jwt?.identity));
  return next();
})
@JwtRequired()
class GuardedController extends Base {
  constructor(/* injected by type */ private readonly jwt: JwtManager) {
    super();
  }

  @Get('/me')
  me(
    @JwtIdentity() identity: string,
    @JwtClaim('type') type: string,
    @JwtHeader() header: JoseHeader,
    @JwtLocation() location: string,
    @JwtCurrentUser() user: User,
  ): object {
    return { identity, type, alg: header.alg, location, user, lifetime: this.jwt.config.accessTokenExpires };
  }

  @Post('/change')
  change(@JwtIdentity() identity: string): object {
    return { identity };
  }

  @Get('/fresh')
  @FreshJwtRequired()
  fresh(): object {
    return { fresh: true };
  }

  @Get('/admin')
  @Authorized('admin')
  admin(@CurrentUser() user: User): object {
    return user;
  }

  @Get('/open')
  @JwtExempt()
  open(): object {
    return { open: true };
  }

  @Get('/optional')
  @JwtOptional({ locations: ['headers'] })
  optional(@JwtIdentity() identity: string | undefined): object {
    return { for: identity ?? 'everyone' };
  }

  @Get('/query')
  @JwtRequired({ locations: ['query_string'] })
  query(@JwtLocation() location: string): object {
    return { location };
  }

  @Post('/json')
  @JwtRequired({ locations: ['json'] })
  json(@JwtLocation() location: string): object {
    return { location };
  }

  @Get('/partner')
  @JwtRequired({ manager: PartnerJwtManager })
  partner(@JwtIdentity() identity: string): object {
    return { partner: identity };
  }

  @Get('/by-hand')
  @JwtExempt()
  async byHand(@Ctx() ctx: Context): Promise<object> {
    const state = await this.jwt.verifyJwtInRequest(ctx, { locations: ['headers'] });
    return { byHand: state?.identity };
  }
}

export interface Running {
  readonly url: string;
  close(): void;
}

/** Serves the application on a free port. */
export async function start(): Promise<Running> {
  const manager = new JwtManager({
    secretKey: SECRET,
    tokenLocation: ['headers', 'cookies'],
    cookieSecure: false,
    revocationStore: new MemoryRevocationStore(),
    rotationGrace: 0,
    loaders: [FindUser, Expired],
  });
  const { privateKey } = generateKeyPairSync('ed25519');
  const partners = new PartnerJwtManager({ keys: [{ algorithm: 'EdDSA', privateKey }], loaders: [] });
  useContainer(Container);
  Container.set(JwtManager, manager);
  Container.set(PartnerJwtManager, partners);
  const app = createKoaServer({
    controllers: [SessionController, GuardedController],
    authorizationChecker,
    currentUserChecker,
  }) as Koa;
  app.silent = true;
  app.use(serveJwks({ manager: PartnerJwtManager }));
  app.use(async (ctx, next) => {
    if (ctx.path === '/partner-token') ctx.body = { accessToken: await partners.createAccessToken('acme') };
    else await next();
  });
  app.use((ctx, next) => (ctx.path === '/plain' ? jwtGuard()(ctx as never, next) : next()));
  app.use((ctx, next) => {
    if (ctx.path !== '/plain') return next();
    ctx.body = { plain: ctx.state.jwt?.identity };
    return undefined;
  });
  const server = app.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

if (process.env.SERVE === '1') {
  start().then(
    ({ url }) => {
      console.log(`serves ${url}`);
    },
    (error: unknown) => {
      console.error(error);
      process.exitCode = 1;
    },
  );
}
