import type { Context } from 'koa';
import { BodyParam, Ctx, Get, JsonController, Post } from 'routing-controllers';
import { JwtIdentity, JwtOptional, JwtRequired, RefreshJwtRequired, type TokenPair } from '../../src/index';
import { Service } from 'typedi';
import { PartnerJwtManager } from './managers';
import { seenIn, type Seen } from './UserController';

const manager = PartnerJwtManager;

@Service()
@JsonController('/partners')
export class PartnerController {
  constructor(private readonly jwt: PartnerJwtManager) {}

  @Post('/log-in')
  logIn(@BodyParam('name') name: string): Promise<TokenPair> {
    return this.jwt.createTokenPair(name, { fresh: true });
  }

  @Get('/any')
  @JwtRequired({ manager })
  any(@Ctx() ctx: Context): Seen {
    return seenIn(ctx);
  }

  @Get('/optional')
  @JwtOptional({ manager })
  optional(@Ctx() ctx: Context): Seen {
    return seenIn(ctx);
  }

  @Post('/rotate')
  @RefreshJwtRequired({ manager })
  rotate(@Ctx() ctx: Context): Promise<TokenPair> {
    return this.jwt.rotate(ctx);
  }

  @Post('/log-out')
  async logOut(@Ctx() ctx: Context): Promise<object> {
    await this.jwt.logOut(ctx);
    return {};
  }

  @Post('/log-out-everywhere')
  @JwtRequired({ manager })
  async logOutEverywhere(@Ctx() ctx: Context, @JwtIdentity() identity: string): Promise<Seen> {
    await this.jwt.revokeAll(identity);
    return seenIn(ctx);
  }
}
