import { Buffer } from 'node:buffer';
import { createHmac, createSecretKey, timingSafeEqual } from 'node:crypto';
import { SECRET } from '../measure/tokens.mjs';
import { application, grown } from './routingControllers.mjs';

const floor = { framework: 'routing-controllers', algorithm: 'HS256', token: 'new', open: byHand };

/** The minimum for any library without a token cache. Its growth is not the library's. */
export const BY_HAND = [
  {
    ...floor,
    kind: 'floor',
    key: 'by-hand',
    title: 'one HMAC and one JSON.parse() by hand, every token new',
  },
  {
    ...floor,
    kind: 'growth',
    key: 'by-hand-routes',
    title: '1,000 routes instead of 1, by hand',
    than: 'by-hand',
    routes: 1000,
  },
];

function byHand({ load }, scenario) {
  const { createParamDecorator, UnauthorizedError, UseBefore } = load('routing-controllers');
  const key = createSecretKey(Buffer.from(SECRET));
  const guard = (ctx, next) => {
    const token = ctx.get('Authorization').slice('Bearer '.length);
    const dot = token.lastIndexOf('.');
    const hmac = createHmac('sha256', key).update(token.slice(0, dot)).digest();
    const signature = Buffer.from(token.slice(dot + 1), 'base64url');
    if (signature.length !== hmac.length || !timingSafeEqual(signature, hmac)) throw new UnauthorizedError();
    const claims = JSON.parse(Buffer.from(token.slice(token.indexOf('.') + 1, dot), 'base64url').toString());
    if (claims.exp <= Date.now() / 1000) throw new UnauthorizedError();
    ctx.state.user = claims;
    return next();
  };
  const identity = createParamDecorator({ value: ({ context }) => context.state.user.sub });
  return application(load, { guards: [UseBefore(guard)], identity, ...grown(scenario) });
}
