import { expect } from 'chai';
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

/** What JavaScript may pass, whatever the types say. */
type Loose = (...given: unknown[]) => unknown;

describe('the guard decorators', () => {
  for (const [name, decorator] of Object.entries(decorators) as [string, Loose][]) {
    it(`@${name}() refuses options that are unknown or of a wrong type`, () => {
      for (const [options, message] of [
        [{ location: ['headers'] }, 'Unknown option location'],
        [{ locations: [] }, 'Option locations must be a non-empty list of '],
        [{ locations: 'headers' }, 'Option locations must be a non-empty list of '],
        [{ locations: ['trailers'] }, 'Option locations must be a non-empty list of '],
        [{ skipRevocationCheck: 'yes' }, 'Option skipRevocationCheck must be true or false'],
        [{ verifyType: 0 }, 'Option verifyType must be true or false'],
      ] as const) {
        expect(() => decorator(options)).to.throw(JwtConfigurationError, message);
      }
    });
  }

  it('must be called', () => {
    const bare = JwtRequired as Loose;
    class Controller {}
    expect(() => bare(Controller)).to.throw(JwtConfigurationError, 'must be called: @JwtRequired()');
    expect(() => bare(Controller.prototype, 'method', {})).to.throw(
      JwtConfigurationError,
      'must be called: @JwtRequired()',
    );
    expect(() => bare(null)).to.throw(JwtConfigurationError, 'must be called: @JwtRequired()');
  });

  it('refuse a second policy on one target, naming it', () => {
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

  it('refuse to be used as the newer kind of decorators', () => {
    expect(() => (JwtRequired() as Loose)(() => undefined, { kind: 'method', name: 'method' })).to.throw(
      JwtConfigurationError,
      'set experimentalDecorators',
    );
  });

  it('cannot demand a fresh refresh token', () => {
    for (const demand of [JwtOptional, jwtGuard, requireJwtByDefault]) {
      expect(() => {
        demand({ fresh: true, refresh: true });
      }).to.throw(JwtConfigurationError, 'fresh and refresh are at odds');
    }
  });
});
