import 'reflect-metadata';
import { expect } from 'chai';
import { getMetadataArgsStorage, type Action } from 'routing-controllers';
import { assertCalled } from '../../src/decorator/assertCalled';
import * as loaders from '../../src/decorator/loaders';
import { JwtClaim, JwtConfigurationError, JwtIdentity } from '../../src/index';
import { decoratorName } from '../../src/guard/ownDecorators';
import { eventsOf } from '../../src/loader/loaderRegistry';
import { sampleContext } from '../../src/openapi/sampleContext';

type Loose = (...given: unknown[]) => (...target: unknown[]) => void;

describe('assertCalled(name, given, max)', () => {
  it('refuses what a decorator without parentheses gets: a class, a prototype, too much', () => {
    class Target {}
    for (const given of [
      [Target],
      [Target.prototype],
      [Target.prototype, 'action', {}],
      [() => undefined],
      [{}, 1],
    ])
      expect(() => {
        assertCalled('JwtRequired', given, 1);
      }).to.throw(JwtConfigurationError, 'Write @JwtRequired() with its parentheses');
    for (const given of [[], [{}], [undefined], [null], ['a'], [{ fresh: true }]])
      expect(() => {
        assertCalled('JwtRequired', given, 1);
      }).not.to.throw();
  });
});

describe('The decorator of a loader', () => {
  for (const [name, make] of Object.entries(loaders)) {
    it(`${name} is for the event of its name, and for classes only`, () => {
      class Loader {
        load(): void {}
      }
      const decorate = (make as Loose)();
      decorate(Loader);
      const event = name.replace(/Loader$/, '');
      expect(eventsOf(Loader)).to.deep.equal([event.charAt(0).toLowerCase() + event.slice(1)]);
      expect(decoratorName(decorate)).to.equal(`@${name}()`);
      for (const target of [[Loader.prototype, 'load'], [Loader, 'load', undefined], [{}], [undefined]])
        expect(() => {
          (make as Loose)()(...target);
        }).to.throw(JwtConfigurationError, `@${name}() is for a class with a method load`);
      class Again {
        load(): void {}
      }
      // Compilers may pass more arguments that are undefined.
      (make as Loose)()(Again, undefined, undefined);
      expect(eventsOf(Again)).to.have.length(1);
    });
  }
});

describe('The identity of a parameter', () => {
  function valueOf(
    declared: unknown,
    identity: unknown,
    decorator: Loose = JwtIdentity as Loose,
    ...given: unknown[]
  ): unknown {
    class Controller {
      action(): void {}
    }
    if (declared !== undefined)
      Reflect.defineMetadata('design:paramtypes', [declared], Controller.prototype, 'action');
    decorator(...given)(Controller.prototype, 'action', 0);
    const noted = getMetadataArgsStorage().params.find(({ object }) => object === Controller.prototype);
    const context = sampleContext('GET', '/');
    context.state.jwt = { identity, payload: { sub: identity, team: identity } } as never;
    const action: Action = { context, request: context.request, response: context.response };
    return noted?.transform?.(action, undefined);
  }
  class User {}
  const IS_STRING = 'The identity of the token is a string, and the parameter has the type';

  for (const [type, identity, expected] of [
    [Number, '7', 7],
    [Number, '-1.5', -1.5],
    [BigInt, '7', 7n],
    [BigInt, '-70', -70n],
    [BigInt, '0', 0n],
    [String, '7', '7'],
    [Object, '7', '7'],
    [undefined, '7', '7'],
    [Number, undefined, undefined],
    [User, 7, 7],
  ] as const) {
    it(`is ${String(expected)} for ${String(identity)} as ${type?.name ?? 'no type'}`, () => {
      expect(valueOf(type, identity)).to.equal(expected);
      expect(valueOf(type, identity, JwtClaim as Loose, 'sub')).to.equal(expected);
    });
  }

  for (const [type, identity] of [
    [Number, '007'],
    [Number, '1e3'],
    [Number, 'Infinity'],
    [Number, 'NaN'],
    [Number, 'alice'],
    [BigInt, '007'],
    [BigInt, '-0'],
    [BigInt, '7x'],
    [BigInt, 'x7'],
  ] as const) {
    it(`is an error for ${identity} as ${type.name}`, () => {
      expect(() => valueOf(type, identity)).to.throw(
        TypeError,
        new RegExp(
          `^${IS_STRING} ${type.name}: declare it as string, because this one is not written as a number$`,
        ),
      );
    });
  }

  it('is an error for any other type, and no other claim is', () => {
    expect(() => valueOf(User, 'alice')).to.throw(
      TypeError,
      new RegExp(`^${IS_STRING} User: declare it as string$`),
    );
    expect(valueOf(User, 'red', JwtClaim as Loose, 'team')).to.equal('red');
    expect(() => (JwtClaim as Loose)()).to.throw(JwtConfigurationError, "Name the claim: @JwtClaim('team')");
  });
});
