import 'reflect-metadata';
import Koa from 'koa';
import { useContainer } from 'routing-controllers';
import { getJwtState, jwtGuard, JwtManager } from 'routing-controllers-jwt-extended';
import { Container } from 'typedi';

const jwt = new JwtManager({ secretKey: 'a secret of the consumer, long enough for HS256' });
useContainer(Container);
Container.set(JwtManager, jwt);

const app = new Koa();
app.use(async (ctx, next) => {
  if (ctx.path === '/token') ctx.body = { token: await jwt.createAccessToken('alice') };
  else await next();
});
app.use(jwtGuard());
app.use((ctx) => {
  ctx.body = { name: getJwtState(ctx).identity };
});
const server = app.listen(0, '127.0.0.1', () => {
  console.log(`port ${server.address().port}`);
});
