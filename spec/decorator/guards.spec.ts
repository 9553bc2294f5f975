import { expect } from 'chai';
import * as library from '../../src/index';
import {
  FreshJwtRequired,
  jwtGuard,
  JwtConfigurationError,
  JwtExempt,
  JwtOptional,
  JwtRequired,
  RefreshJwtRequired,
  requireJwtByDefault,
} from '../../src/index';

const decorators = { JwtRequired, FreshJwtRequired, JwtOptional, RefreshJwtRequired };

/** What plain JavaScript may pass. */
type Loose = (...given: unknown[]) => unknown;

describe('every decorator', () => {
  const NAMES =
    /^(?:Fresh|Refresh)?Jwt(?:Required|Optional|Exempt|Identity|Payload|Claim|Header|Location|CurrentUser)$|Loader$/;
  const every = Object.entries(library).filter(([name]) => NAMES.test(name));

  it('is tested here', () => {
    expect(every.map(([name]) => name)).to.include.members([
      ...Object.keys(decorators),
      'JwtExempt',
      'JwtIdentity',
      'UserLoader',
    ]);
    expect(every).to.have.length(5 + 6 + 17);
  });

  for (const [name, decorator] of every as [string, Loose][]) {
    it(`@${name} requires its parentheses, even without type checks`, () => {
      class Controller {}
      const targets = [
        [Controller],
        [Controller.prototype, 'method', {}],
        [Controller.prototype, 'method', 0],
      ];
      for (const target of targets) {
        expect(() => decorator(...target)).to.throw(
          JwtConfigurationError,
          `Write @${name}() with its parentheses`,
        );
      }
    });
  }
});

describe('a decorator on the wrong target', () => {
  class Controller {
    method(): void {}
  }
  const parameters = { JwtIdentity: library.JwtIdentity, JwtCurrentUser: library.JwtCurrentUser };
  for (const [name, decorator] of Object.entries(parameters)) {
    it(`is refused: @${name}()`, () => {
      for (const target of [
        [Controller],
        [Controller.prototype, 'method', {}],
        [Controller.prototype, 'method'],
        [Controller, undefined, 0],
        [{}, () => undefined],
      ]) {
        expect(() => (decorator() as Loose)(...target)).to.throw(
          JwtConfigurationError,
          `@${name}() is for a parameter of an action`,
        );
      }
    });
  }

  it('is refused: @UserLoader()', () => {
    for (const target of [
      [Controller.prototype, 'method', {}],
      [Controller, undefined, 0],
      [{}, () => undefined],
      [new Controller()],
    ]) {
      expect(() => (library.UserLoader() as Loose)(...target)).to.throw(
        JwtConfigurationError,
        '@UserLoader() is for a class with a method load',
      );
    }
  });
});

describe('the guard decorators', () => {
  for (const [name, decorator] of Object.entries(decorators) as [string, Loose][]) {
    it(`@${name}() refuses unknown options and wrong types`, () => {
      for (const [options, message] of [
        [{ location: ['headers'] }, 'Unknown option location'],
        [{ locations: [] }, 'Option locations must be a non-empty list of '],
        [{ locations: 'headers' }, 'Option locations must be a non-empty list of '],
        [{ locations: ['trailers'] }, 'Option locations must be a non-empty list of '],
        [{ skipRevocationCheck: 'yes' }, 'Option skipRevocationCheck must be true or false'],
        [['headers'], 'Options must be an object'],
        ['headers', 'Options must be an object'],
      ] as const) {
        expect(() => decorator(options)).to.throw(JwtConfigurationError, message);
      }
    });
  }

  it('refuse options that would turn them into another', () => {
    for (const [decorator, options] of [
      [JwtRequired, { optional: true }],
      [JwtRequired, { fresh: false }],
      [FreshJwtRequired, { verifyType: false }],
      [FreshJwtRequired, { optional: true, locations: ['headers'] }],
      [RefreshJwtRequired, { verifyType: false }],
      [JwtOptional, { optional: false }],
    ] as const) {
      expect(() => (decorator as Loose)(options)).to.throw(JwtConfigurationError, 'Unknown option');
    }
  });

  it('refuse a second policy on one target, and name it', () => {
    class Controller {
      method(): void {}
    }
    const decorate = (decorator: MethodDecorator): void => {
      decorator(Controller.prototype, 'method', {});
    };
    decorate(JwtRequired());
    expect(() => {
      decorate(JwtExempt());
    }).to.throw(JwtConfigurationError, 'Controller.method has two JWT decorators');
    JwtOptional()(Controller);
    expect(() => {
      FreshJwtRequired()(Controller);
    }).to.throw(JwtConfigurationError, 'Controller has two JWT decorators');
  });

  it('refuse a static method, which cannot be an action', () => {
    expect(() => {
      class Controller {
        @JwtRequired()
        static method(): void {}
      }
      return Controller;
    }).to.throw(JwtConfigurationError, 'Controller.method is static');
  });

  it('refuse a parameter, an instance and a function that is no class', () => {
    class Controller {
      method(): void {}
    }
    for (const [target, message] of [
      [
        [Controller.prototype, 'method', 0],
        '@JwtRequired() is for a method or a class, and not for a parameter',
      ],
      [[Controller, undefined, 0], '@JwtRequired() is for a method or a class, and not for a parameter'],
      [[new Controller()], '@JwtRequired() is for a method or a class'],
      [[(): void => undefined], '@JwtRequired() is for a method or a class'],
      [[{}, () => undefined], '@JwtRequired() is no middleware: write it as a decorator, or use jwtGuard()'],
    ] as const) {
      expect(() => (JwtRequired() as Loose)(...target)).to.throw(JwtConfigurationError, message);
    }
  });

  it('refuse to run as TC39 decorators', () => {
    expect(() => (JwtRequired() as Loose)(() => undefined, { kind: 'method', name: 'method' })).to.throw(
      JwtConfigurationError,
      'set experimentalDecorators',
    );
  });

  it('cannot require a fresh refresh token', () => {
    for (const demand of [JwtOptional, jwtGuard, requireJwtByDefault]) {
      expect(() => {
        demand({ fresh: true, refresh: true });
      }).to.throw(JwtConfigurationError, 'fresh and refresh are at odds');
    }
  });
});
