import type { Context } from 'koa';
import { Authorized, Ctx, CurrentUser, Get, JsonController } from 'routing-controllers';
import {
  JwtCurrentUser,
  JwtIdentity,
  JwtManager,
  JwtOptional,
  JwtRequired,
  RefreshJwtRequired,
  TokenInBlocklistLoader,
  UserLoader,
  type TokenInBlocklistLoaderInterface,
  type UserLoaderInterface,
  type VerifiedEvent,
} from '../../src/index';
import { SECRET } from '../support/secret';

/*
 * An application without a word about its container: each parameter is named for its class, as awilix needs it. The
 * decorators of this library and of routing-controllers make the compiler write the classes of the parameters.
 */

export interface User {
  readonly name: string;
  readonly request: number;
}

export class UserRepository {
  find(name: unknown): string | undefined {
    return ['alice', 'bob'].find((user) => user === name);
  }
}

export class Blocklist {
  readonly blocked = new Set<string | null>();
}

/** One for each request. */
export class RequestScope {
  static made = 0;
  readonly number = ++RequestScope.made;
}

export class PartnerJwtManager extends JwtManager {}

@UserLoader()
export class FindUser implements UserLoaderInterface {
  constructor(
    private readonly userRepository: UserRepository,
    private readonly requestScope: RequestScope,
  ) {}

  async load({ identity }: VerifiedEvent): Promise<User | undefined> {
    await Promise.resolve();
    const name = this.userRepository.find(identity);
    return name === undefined ? undefined : { name, request: this.requestScope.number };
  }
}

@TokenInBlocklistLoader()
export class IsBlocked implements TokenInBlocklistLoaderInterface {
  constructor(private readonly blocklist: Blocklist) {}

  load({ payload }: VerifiedEvent): boolean {
    return this.blocklist.blocked.has(payload.jti);
  }
}

@JsonController('/shop')
export class ShopController {
  /** The actions that have run. */
  static runs = 0;

  constructor(
    private readonly jwtManager: JwtManager,
    private readonly requestScope: RequestScope,
  ) {}

  @Get('/me')
  @JwtRequired()
  async me(@JwtCurrentUser() user: User): Promise<object> {
    ShopController.runs++;
    // So that two requests are in the action at once.
    await new Promise((resolve) => setTimeout(resolve, 20));
    return { ...user, sameScope: user.request === this.requestScope.number };
  }

  @Get('/partner')
  @JwtRequired({ manager: PartnerJwtManager })
  partner(@JwtIdentity() identity: string): object {
    ShopController.runs++;
    return { identity };
  }

  @Get('/maybe')
  @JwtOptional()
  maybe(@JwtIdentity() identity: string | undefined): object {
    return { for: identity ?? 'everyone' };
  }

  @Get('/refresh')
  @RefreshJwtRequired()
  async refresh(@JwtIdentity() identity: string): Promise<object> {
    return { token: await this.jwtManager.createAccessToken(identity) };
  }

  @Get('/admin')
  @JwtRequired()
  @Authorized('admin')
  admin(@CurrentUser() user: User): object {
    ShopController.runs++;
    return user;
  }

  @Get('/by-hand')
  async byHand(@Ctx() ctx: Context): Promise<object> {
    const state = await this.jwtManager.verifyJwtInRequest(ctx);
    return { identity: state?.identity };
  }
}

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- the type that the containers have for a class
export type AnyClass = new (...injected: any[]) => object;

export interface Shop {
  readonly manager: JwtManager;
  readonly partners: PartnerJwtManager;
  readonly blocklist: Blocklist;
  /** What a container holds as it is. */
  readonly values: ReadonlyMap<AnyClass, object>;
}

/** What a container makes, once for each request. */
export const CLASSES: readonly AnyClass[] = [
  UserRepository,
  FindUser,
  IsBlocked,
  ShopController,
  RequestScope,
];

export function newShop(): Shop {
  const manager = new JwtManager({ secretKey: SECRET, loaders: [FindUser, IsBlocked] });
  const partners = new PartnerJwtManager({ secretKey: `partners ${SECRET}`, loaders: [] });
  const blocklist = new Blocklist();
  const values = new Map<AnyClass, object>([
    [JwtManager, manager],
    [PartnerJwtManager, partners],
    [Blocklist, blocklist],
  ]);
  return { manager, partners, blocklist, values };
}
