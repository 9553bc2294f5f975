import Module from 'node:module';
import { expect } from 'chai';
import { createKoaServer, Get, JsonController } from 'routing-controllers';
import { JwtConfigurationError, JwtRequired } from '../../src/index';

@JsonController('/packages')
class PackagesController {
  @Get()
  @JwtRequired()
  action(): void {}
}

type Load = (request: string, ...more: unknown[]) => unknown;

/** Creates a server while a package is something else than it should be. */
function serverWith(name: string, load: () => unknown): unknown {
  const modules = Module as unknown as { _load: Load };
  const { _load } = modules;
  modules._load = (request, ...more) => (request === name ? load() : _load.call(Module, request, ...more));
  try {
    return createKoaServer({ controllers: [PackagesController] });
  } finally {
    modules._load = _load;
  }
}

function notFound(name: string): () => never {
  return () => {
    throw new Error(`Cannot find module '${name}'`);
  };
}

describe('A server that routing-controllers cannot build', () => {
  it('says that @koa/router is missing, or is the version without a class', () => {
    // Version 15.0.0 exports an object with the class in it.
    for (const load of [notFound('@koa/router'), () => ({ Router: class {} })]) {
      expect(() => serverWith('@koa/router', load)).to.throw(
        JwtConfigurationError,
        /cannot load @koa\/router.*must not be 15\.0\.0.*npm install @koa\/router@\^15\.1\.0$/,
      );
    }
  });

  it('says that koa-bodyparser is missing, and that @koa/bodyparser is another package', () => {
    expect(() => serverWith('koa-bodyparser', notFound('koa-bodyparser'))).to.throw(
      JwtConfigurationError,
      /needs the package koa-bodyparser, and @koa\/bodyparser does not replace it: npm install koa-bodyparser$/,
    );
  });

  it('leaves other errors alone', () => {
    const full = (): never => {
      throw new RangeError('out of memory');
    };
    expect(() => serverWith('koa-bodyparser', () => full)).to.throw(RangeError, 'out of memory');
  });

  it('is built when all packages are there', () => {
    expect(serverWith('nothing', () => undefined)).to.have.property('middleware');
  });
});
