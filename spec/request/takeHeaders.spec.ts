import { expect } from 'chai';
import { sampleContext } from '../../src/openapi/sampleContext';
import { takeHeaders } from '../../src/request/takeHeaders';
import { rejection } from '../support/rejection';

describe('takeHeaders(ctx, run)', () => {
  const cookies = (ctx: ReturnType<typeof sampleContext>): unknown => ctx.response.headers['set-cookie'];

  it('returns what was set meanwhile, and leaves the response as it was', async () => {
    const ctx = sampleContext('GET', '/');
    ctx.set('X-Kept', 'a');
    ctx.set('X-Changed', 'a');
    const { result, headers } = await takeHeaders(ctx, async () => {
      ctx.set('X-New', 'b');
      ctx.set('X-Changed', 'b');
      ctx.set('X-Number', 7 as never);
      ctx.append('Set-Cookie', 'one=1');
      return Promise.resolve('done');
    });
    expect(result).to.equal('done');
    expect(headers).to.deep.equal({
      'x-new': 'b',
      'x-changed': 'b',
      'x-number': '7',
      'set-cookie': ['one=1'],
    });
    expect({ ...ctx.response.headers }).to.deep.equal({ 'x-kept': 'a', 'x-changed': 'a' });
  });

  it('returns the cookies that came meanwhile, and leaves the earlier ones', async () => {
    const ctx = sampleContext('GET', '/');
    ctx.append('Set-Cookie', 'one=1');
    ctx.append('Set-Cookie', 'two=2');
    const { headers } = await takeHeaders(ctx, async () => {
      ctx.append('Set-Cookie', 'three=3');
      return Promise.resolve();
    });
    expect(headers).to.deep.equal({ 'set-cookie': ['three=3'] });
    expect(cookies(ctx)).to.deep.equal(['one=1', 'two=2']);
    const none = await takeHeaders(ctx, () => Promise.resolve());
    expect(none.headers).to.deep.equal({});
    expect(cookies(ctx)).to.deep.equal(['one=1', 'two=2']);
  });

  it('leaves the response as it was when the code fails', async () => {
    const ctx = sampleContext('GET', '/');
    const failing = takeHeaders(ctx, () => {
      ctx.set('X-New', 'b');
      return Promise.reject(new RangeError('a fault'));
    });
    expect(await rejection(failing)).to.be.instanceOf(RangeError);
    expect({ ...ctx.response.headers }).to.deep.equal({});
  });
});
