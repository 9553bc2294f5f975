import { expect } from 'chai';
import { ForbiddenError, HttpError, InternalServerError } from 'routing-controllers';
import { Service } from 'typedi';
import { InvalidTokenError, UserClaimsLoader, UserLoader } from '../../src/index';
import { isNotedHttpError, noteHttpError } from '../../src/loader/httpErrors';
import { Loaders } from '../../src/loader/Loaders';
import { sampleContext } from '../../src/openapi/sampleContext';
import { rejection } from '../support/rejection';

/** As `ctx.throw(status)` makes it. */
function ofKoa(status: number): Error {
  try {
    sampleContext('GET', '/').throw(status);
  } catch (error) {
    return error as Error;
  }
  throw new Error('nothing was thrown');
}

describe('noteHttpError(error)', () => {
  it('gives an error of routing-controllers what Koa answers by, and shows that to nobody', () => {
    for (const [error, status, expose] of [
      [new ForbiddenError('a'), 403, true],
      [new HttpError(499), 499, true],
      [new InternalServerError('a'), 500, false],
      [new HttpError(503), 503, false],
    ] as const) {
      expect(noteHttpError(error)).to.equal(error);
      expect(error).to.include({ status, expose });
      expect(Object.keys(error)).to.not.include.members(['status']).and.not.include.members(['expose']);
      expect(isNotedHttpError(error)).to.equal(true);
      // Koa assigns it.
      Object.assign(error, { status: 418 });
      expect(error).to.include({ status: 418 });
    }
  });

  it('keeps a status that is there, and an error that nobody can change', () => {
    const own = Object.assign(new HttpError(403), { status: 418 });
    noteHttpError(own);
    expect(own.status).to.equal(418);
    expect(own).not.to.have.property('expose');
    const frozen = Object.freeze(new HttpError(403));
    expect(noteHttpError(frozen)).to.equal(frozen);
    expect(frozen).not.to.have.property('status');
  });

  it('notes what an application says is for the client, and nothing else', () => {
    for (const error of [ofKoa(404), Object.assign(new Error('a'), { expose: true })]) {
      noteHttpError(error);
      expect(isNotedHttpError(error), error.message).to.equal(true);
    }
    for (const error of [
      ofKoa(500),
      new Error('a'),
      Object.assign(new Error('a'), { expose: 'true' }),
      Object.assign(new Error('a'), { status: 404 }),
    ]) {
      noteHttpError(error);
      expect(isNotedHttpError(error), error.message).to.equal(false);
    }
    expect(isNotedHttpError({})).to.equal(false);
    expect(isNotedHttpError(undefined)).to.equal(false);
  });

  it('leaves refusals of tokens to the guard', () => {
    const refusal = new InvalidTokenError('a');
    expect(noteHttpError(refusal)).to.equal(refusal);
    expect(isNotedHttpError(refusal)).to.equal(false);
  });
});

describe('new Loaders(list)', () => {
  const problem: { thrown?: unknown } = {};
  @Service()
  @UserLoader()
  class Throwing {
    load(): never {
      throw problem.thrown;
    }
  }
  @Service()
  @UserClaimsLoader()
  class Sound {
    load(): Record<string, unknown> {
      return {};
    }
  }
  @Service()
  class WithoutLoad {}
  (UserLoader() as (target: object) => void)(WithoutLoad);
  @Service()
  @UserLoader()
  class OutOfOrder {
    constructor() {
      throw new Error('out of order');
    }
    load(): object {
      return {};
    }
  }
  const asked = async (by: Loaders = new Loaders([Throwing])): Promise<unknown> =>
    by.ask('user', {} as never);

  it('tells which classes it has, and which of them cannot be asked', () => {
    expect(new Loaders([Throwing, Sound]).setup(undefined)).to.deep.equal({
      loaders: { user: 'Throwing', userClaims: 'Sound' },
      unusable: [],
    });
    expect(new Loaders([WithoutLoad]).setup(undefined)).to.deep.equal({
      loaders: { user: 'WithoutLoad' },
      unusable: ['WithoutLoad has no method load: a loader is asked by its load(event)'],
    });
    expect(new Loaders([]).setup(undefined)).to.deep.equal({ loaders: {}, unusable: [] });
  });

  it('names a loader that the container cannot make, and says why', async () => {
    const error = await rejection(asked(new Loaders([OutOfOrder])));
    expect(error.message).to.equal(
      'The container cannot make OutOfOrder: register it there, for TypeDI with @Service() above the class',
    );
    expect(error.cause).to.have.property('message', 'out of order');
  });

  it('is named by the event where there is none', () => {
    expect(new Loaders([Throwing]).nameOf('user')).to.equal('Throwing');
    expect(new Loaders([]).nameOf('user')).to.equal('user');
  });

  it('has no decision without a loader', async () => {
    expect(await new Loaders([]).decide('claimsVerification', {} as never, undefined)).to.equal(undefined);
  });

  it('passes on what Koa can answer, and names the loader that threw something else', async () => {
    class WithSetter extends Error {
      set status(_: number) {}
    }
    class WithGetter extends Error {
      get status(): number {
        return this.message.length;
      }
    }
    for (const thrown of [
      new Error('a'),
      ofKoa(403),
      new ForbiddenError('a'),
      Object.assign(new Error('a'), { status: 418 }),
      new WithSetter('a'),
    ]) {
      problem.thrown = thrown;
      expect(await rejection(asked()), String(thrown)).to.equal(thrown);
    }
    for (const thrown of [
      undefined,
      null,
      'a',
      { status: 403 },
      Object.freeze(new Error('a')),
      new WithGetter('a'),
      Object.defineProperty(new Error('a'), 'status', { value: 418 }),
    ]) {
      problem.thrown = thrown;
      const error = await rejection(asked());
      expect(error.message).to.equal('Throwing.load() threw a value that Koa cannot turn into a response');
      expect(error.cause).to.equal(thrown);
    }
  });
});
