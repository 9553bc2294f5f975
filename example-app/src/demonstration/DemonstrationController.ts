import type { Context } from 'koa';
import { Ctx, CurrentUser, Get, Header, JsonController, OnUndefined, Post } from 'routing-controllers';
import {
  describeRoutes,
  FreshJwtRequired,
  JwtExempt,
  JwtHeader,
  JwtManager,
  JwtPayload,
  JwtRequired,
  type AccessTokenOptions,
  type JoseHeader,
  type JwtClaims,
} from 'routing-controllers-jwt-extended';
import { Service } from 'typedi';
import { tokenAnswer } from '../session/tokenAnswer';
import type { User } from '../users/User';

/** Seconds, to watch a clock run down. */
const A_MOMENT = 2;

/** Seconds, enough for one attack. Then the tokens that the page holds open nothing. */
const PHONE_LIVES = 120;

/**
 * For the page that shows the guard at work, and for nothing else: delete this folder before you build on the example.
 * Each route acts on the session of its caller, or on a second one of the same user.
 */
@Service()
@JsonController('/demonstration')
@JwtRequired()
export class DemonstrationController {
  constructor(private readonly jwt: JwtManager) {}

  /** What each route demands, for the page to show beside a request. `npm run routes` prints the same. */
  @Get('/routes')
  @JwtExempt()
  routes(): object {
    return describeRoutes().map(({ verb, path, policy, roles, isOpen }) => ({
      verb,
      path,
      policy,
      roles,
      isOpen,
    }));
  }

  /**
   * What the token of this request says. A page cannot read it from an HttpOnly cookie. Claims are no secret of the user,
   * who could decode them; the token is, because its signature lets somebody in. So there is no signature here.
   */
  @Get('/token')
  @Header('Cache-Control', 'no-store')
  token(@JwtHeader() header: JoseHeader, @JwtPayload() claims: JwtClaims): object {
    return { header, claims, now: Date.now() / 1000 };
  }

  /** Needs a recent log-in, and changes nothing. */
  @Get('/fresh')
  @FreshJwtRequired()
  fresh(): object {
    return { msg: 'You logged in a short time ago' };
  }

  /** What 15 minutes do: the access token in the cookie ends in a moment. The refresh token stays. */
  @Post('/expiring')
  @OnUndefined(204)
  @JwtRequired({ locations: ['cookies'] })
  async expiring(
    @CurrentUser() user: User,
    @JwtPayload() claims: JwtClaims,
    @Ctx() ctx: Context,
  ): Promise<void> {
    await this.#replace(ctx, user, claims, { additionalClaims: { exp: endOf(claims, A_MOMENT) } });
  }

  /** What 10 minutes do: the access token in the cookie stays good, but soon no longer counts as a recent log-in. */
  @Post('/aging')
  @OnUndefined(204)
  @FreshJwtRequired({ locations: ['cookies'] })
  async aging(
    @CurrentUser() user: User,
    @JwtPayload() claims: JwtClaims,
    @Ctx() ctx: Context,
  ): Promise<void> {
    // Both as in the token that it replaces, or sooner.
    const left = typeof claims.fresh === 'number' ? claims.fresh - now() : A_MOMENT;
    const fresh = Math.min(A_MOMENT, left);
    await this.#replace(ctx, user, claims, { fresh, additionalClaims: { exp: endOf(claims) } });
  }

  /**
   * A second session of the same user, as if logged in on a phone. Its tokens go to the page, which attacks them. That is
   * what cookies are to prevent, so they are never fresh, and end soon.
   */
  @Post('/phone')
  @Header('Cache-Control', 'no-store')
  @JwtRequired({ locations: ['cookies'] })
  async phone(@CurrentUser() user: User, @JwtPayload() claims: JwtClaims): Promise<object> {
    const pair = await this.jwt.createTokenPair(user, {
      additionalClaims: { exp: endOf(claims, PHONE_LIVES) },
      userAgent: 'A phone, for the demonstration',
    });
    return tokenAnswer(pair);
  }

  async #replace(ctx: Context, user: User, { sid }: JwtClaims, options: AccessTokenOptions): Promise<void> {
    const token = await this.jwt.createAccessToken(user, { sid: String(sid), ...options });
    await this.jwt.setAccessCookies(ctx, token);
  }
}

/** Never later than the token of the request: nobody may make a token live longer here. */
function endOf({ exp = Infinity }: JwtClaims, seconds = Infinity): number | undefined {
  const end = Math.min(exp, now() + seconds);
  return Number.isFinite(end) ? end : undefined;
}

function now(): number {
  return Math.floor(Date.now() / 1000);
}
