import type { Context } from 'koa';
import { BodyParam, Ctx, CurrentUser, Get, JsonController, Post } from 'routing-controllers';
import {
  FreshJwtRequired,
  getJwtState,
  JwtIdentity,
  JwtManager,
  JwtOptional,
  JwtRequired,
  RefreshJwtRequired,
  type TokenPair,
} from '../../src/index';
import { Service } from 'typedi';
import { LIFE } from './messages';

/** What an action answers, so that the run can tell whose token the action believes to have seen. */
export interface Seen {
  readonly identity: string | undefined;
  readonly jti: unknown;
  readonly user?: string;
}

export function seenIn(ctx: Context): Seen {
  const state = getJwtState(ctx);
  return { identity: state.identity, jti: state.payload?.['jti'] };
}

const FRESH = { fresh: `${LIFE.freshness}s` } as const;

@Service()
@JsonController('/users')
export class UserController {
  constructor(private readonly jwt: JwtManager) {}

  @Post('/log-in')
  logIn(@BodyParam('name') name: string): Promise<TokenPair> {
    return this.jwt.createTokenPair(name, FRESH);
  }

  @Post('/cookies')
  async logInWithCookies(@BodyParam('name') name: string, @Ctx() ctx: Context): Promise<TokenPair> {
    return this.keep(ctx, await this.jwt.createTokenPair(name, FRESH));
  }

  @Get('/any')
  @JwtRequired()
  any(@Ctx() ctx: Context, @CurrentUser() user: { name: string }): Seen {
    return { ...seenIn(ctx), user: user.name };
  }

  @Post('/any')
  @JwtRequired()
  change(@Ctx() ctx: Context, @JwtIdentity() identity: string): Seen {
    return { ...seenIn(ctx), user: identity };
  }

  @Get('/fresh')
  @FreshJwtRequired()
  fresh(@Ctx() ctx: Context): Seen {
    return seenIn(ctx);
  }

  @Get('/optional')
  @JwtOptional()
  optional(@Ctx() ctx: Context): Seen {
    return seenIn(ctx);
  }

  @Post('/rotate')
  @RefreshJwtRequired()
  async rotate(@Ctx() ctx: Context): Promise<TokenPair> {
    const pair = await this.jwt.rotate(ctx);
    return ctx.get('Cookie') === '' ? pair : this.keep(ctx, pair);
  }

  @Post('/link')
  async link(@BodyParam('name') name: string): Promise<{ link: string }> {
    return { link: await this.jwt.createToken('link', name, { expires: LIFE.link }) };
  }

  @Post('/link/use')
  @JwtRequired({ purpose: 'link', singleUse: true, locations: ['headers'] })
  useLink(@Ctx() ctx: Context): Seen {
    return seenIn(ctx);
  }

  @Post('/log-out')
  async logOut(@Ctx() ctx: Context): Promise<object> {
    await this.jwt.logOut(ctx);
    return {};
  }

  @Post('/log-out-everywhere')
  @JwtRequired({ locations: ['headers'] })
  async logOutEverywhere(@Ctx() ctx: Context, @JwtIdentity() identity: string): Promise<Seen> {
    await this.jwt.revokeAll(identity);
    return seenIn(ctx);
  }

  private async keep(ctx: Context, pair: TokenPair): Promise<TokenPair> {
    await this.jwt.setAccessCookies(ctx, pair.accessToken);
    await this.jwt.setRefreshCookies(ctx, pair.refreshToken);
    return pair;
  }
}
