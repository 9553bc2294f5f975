import { NOBODY, PATH } from '../measure/requests.mjs';
import { SECRET } from '../measure/tokens.mjs';
import { decorated } from './decorated.mjs';

const peer = { kind: 'peer', framework: 'NestJS', algorithm: 'HS256', token: 'seen' };

export const ON_NEST = [
  { ...peer, key: 'passport-jwt', title: '@nestjs/passport with passport-jwt', open: withPassport },
  { ...peer, key: 'nestjs-jwt', title: '@nestjs/jwt in a guard', open: withJwtService },
];

/** NestJS on Express. */
export async function nest(guards = [], module = {}) {
  await import('reflect-metadata');
  const { Controller, Get, Module, Req, UseGuards } = await import('@nestjs/common');
  const { NestFactory } = await import('@nestjs/core');
  class Hello {
    get({ user }) {
      return { hello: user?.sub ?? NOBODY };
    }
  }
  decorated(Hello, [Controller()], {
    get: { on: [Get(PATH), ...(guards.length > 0 ? [UseGuards(...guards)] : [])], parameters: [Req()] },
  });
  const Root = decorated(class {}, [Module({ controllers: [Hello], ...module })], {});
  const app = await NestFactory.create(Root, { logger: false });
  await app.init();
  return app.getHttpAdapter().getInstance();
}

/** With passport, as in NestJS's documentation on authentication. */
async function withPassport() {
  await import('reflect-metadata');
  const { Injectable } = await import('@nestjs/common');
  const { AuthGuard, PassportModule, PassportStrategy } = await import('@nestjs/passport');
  const { ExtractJwt, Strategy } = (await import('passport-jwt')).default;
  class JwtStrategy extends PassportStrategy(Strategy) {
    constructor() {
      super({ jwtFromRequest: ExtractJwt.fromAuthHeaderAsBearerToken(), secretOrKey: SECRET });
    }

    async validate({ sub }) {
      return { sub };
    }
  }
  decorated(JwtStrategy, [Injectable()], {});
  return nest([AuthGuard('jwt')], { imports: [PassportModule], providers: [JwtStrategy] });
}

/** Without passport, as in the same chapter. */
async function withJwtService() {
  await import('reflect-metadata');
  const { Inject, Injectable, UnauthorizedException } = await import('@nestjs/common');
  const { JwtModule, JwtService } = await import('@nestjs/jwt');
  class JwtGuard {
    constructor(jwtService) {
      this.jwtService = jwtService;
    }

    async canActivate(context) {
      const request = context.switchToHttp().getRequest();
      const [type, token] = request.headers.authorization?.split(' ') ?? [];
      if (type !== 'Bearer') throw new UnauthorizedException();
      try {
        request.user = await this.jwtService.verifyAsync(token);
      } catch {
        throw new UnauthorizedException();
      }
      return true;
    }
  }
  Inject(JwtService)(JwtGuard, undefined, 0);
  decorated(JwtGuard, [Injectable()], {});
  return nest([JwtGuard], { imports: [JwtModule.register({ secret: SECRET })] });
}
