import { Buffer } from 'node:buffer';
import { createHmac, createSecretKey, hash, timingSafeEqual } from 'node:crypto';
import { SECRET } from '../measure/tokens.mjs';
import { application, grown } from './routingControllers.mjs';

const floor = { framework: 'routing-controllers', algorithm: 'HS256', token: 'new', open: byHand };

/** What no library can do for less without remembering tokens; and what grows in this is not the library's. */
export const BY_HAND = [
  {
    ...floor,
    kind: 'floor',
    key: 'by-hand',
    title: 'one createHmac() and one JSON.parse() by hand, every token new',
    hmac: (key) => (text) => createHmac('sha256', key).update(text).digest(),
  },
  {
    ...floor,
    kind: 'floor',
    key: 'by-hand-hash',
    title: 'two crypto.hash() and one JSON.parse() by hand, every token new',
    hmac: twoHashes,
  },
  {
    ...floor,
    kind: 'growth',
    key: 'by-hand-routes',
    title: '1,000 routes instead of 1, by hand',
    than: 'by-hand',
    routes: 1000,
    hmac: (key) => (text) => createHmac('sha256', key).update(text).digest(),
  },
];

/** HMAC as RFC 2104 §2 has it. */
function twoHashes(key) {
  const padded = (byte) => Buffer.concat([key.export(), Buffer.alloc(64)], 64).map((each) => each ^ byte);
  const [inner, outer] = [Buffer.alloc(16_448), Buffer.alloc(96)];
  inner.set(padded(0x36));
  outer.set(padded(0x5c));
  return (text) => {
    const end = 64 + inner.write(text, 64);
    outer.write(hash('sha256', inner.subarray(0, end), 'binary'), 64, 'binary');
    return hash('sha256', outer, 'buffer');
  };
}

function byHand({ load }, scenario) {
  const { createParamDecorator, UnauthorizedError, UseBefore } = load('routing-controllers');
  const hmacOf = scenario.hmac(createSecretKey(Buffer.from(SECRET)));
  const guard = (ctx, next) => {
    const token = ctx.get('Authorization').slice('Bearer '.length);
    const dot = token.lastIndexOf('.');
    const hmac = hmacOf(token.slice(0, dot));
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
