import { AssertionError } from 'node:assert';
import { expect } from 'chai';
import { Authorized, Get, JsonController, Post } from 'routing-controllers';
import { JwtExempt, JwtOptional, JwtRequired, type ServedBy } from '../../src/index';
import { expectOpenRoutes } from '../../src/testing/index';

@JsonController('/notes')
@JwtRequired()
class NoteController {
  @Get()
  list(): void {
    // Never called.
  }
  @Get('/greeting')
  @JwtOptional()
  greet(): void {
    // Never called.
  }
  @Post('/login')
  @JwtExempt()
  logIn(): void {
    // Never called.
  }
}

class Base {
  @Get('/forgotten')
  forgotten(): void {
    // Never called.
  }
}

@JsonController('/derived')
class DerivedController extends Base {
  @Get('/admin')
  @Authorized('admin')
  admin(): void {
    // Never called.
  }
}

const controllers = [NoteController, DerivedController];
const OPEN = ['GET /notes/greeting', 'POST /notes/login', 'GET /derived/forgotten'];

describe('expectOpenRoutes(list, options)', () => {
  function failureOf(list: readonly string[], options: ServedBy = { controllers }): AssertionError {
    try {
      expectOpenRoutes(list, options);
    } catch (error) {
      if (error instanceof AssertionError) return error;
      throw error;
    }
    throw new Error('It passes');
  }

  it('passes when exactly the listed routes are open, in any order', () => {
    expectOpenRoutes(OPEN, { controllers });
    expectOpenRoutes([...OPEN].reverse(), { controllers });
    expectOpenRoutes(
      OPEN.map((route) => route.toLowerCase().replace(' ', '  ')),
      { controllers },
    );
  });

  it('fails for a route that is open and not listed, and says why it is open', () => {
    const { message, actual, expected } = failureOf(OPEN.slice(0, 1));
    expect(message).to.equal(
      'Open, but not on the list:\n' +
        '  POST /notes/login  (NoteController.logIn demands nothing: @JwtExempt() on the method)\n' +
        '  GET /derived/forgotten  (DerivedController.forgotten demands nothing: no decorator)',
    );
    expect(actual).to.deep.equal([...OPEN].sort());
    expect(expected).to.deep.equal(OPEN.slice(0, 1));
  });

  it('fails for an entry that is guarded, or is no route', () => {
    const { message } = failureOf([...OPEN, 'GET /notes', 'GET /derived/admin', 'PUT /notes/login']);
    expect(message).to.equal(
      'On the list, but not open:\n' +
        '  GET /notes  (NoteController.list demands access token: on the class)\n' +
        "  GET /derived/admin  (DerivedController.admin demands @Authorized('admin'): routing-controllers)\n" +
        '  PUT /notes/login  there is no such route',
    );
  });

  it('tells both at once', () => {
    const { message } = failureOf([...OPEN.slice(1), 'GET /notes']);
    expect(message)
      .to.include('not on the list:\n  GET /notes/greeting')
      .and.include('not open:\n  GET /notes  ');
  });

  it('knows the prefix of the server', () => {
    const options = { controllers, routePrefix: '/v1' };
    expectOpenRoutes(
      OPEN.map((route) => route.replace(' /', ' /v1/')),
      options,
    );
    expect(failureOf(OPEN, options).message).to.include('GET /v1/notes/greeting');
  });

  it('fails when no controller is there, because it was not imported', () => {
    @JsonController()
    class Empty {}
    expect(failureOf([], { controllers: [Empty] }).message).to.equal(
      'There are no routes: import the controllers first',
    );
  });
});
