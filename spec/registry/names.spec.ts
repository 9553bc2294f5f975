import { expect } from 'chai';
import * as library from '../../src/index';
import '../../src/openapi/openApiSpec';
import '../../src/store/redis/RedisRevocationStore';
import '../../src/testing/index';
import { MAJOR } from '../../src/registry/registry';

const REGISTRY = `routing-controllers-jwt-extended@${MAJOR}`;

function statesOf(): string[] {
  const { states } = Object.getOwnPropertyDescriptor(globalThis, Symbol.for(REGISTRY))?.value as {
    states: Map<string, object>;
  };
  return [...states.keys()];
}

/** A copy of another version finds what is shared by its name: with another name it would guard nothing. */
describe('The names in the registry', () => {
  it('are the same for all versions of one major', () => {
    expect(statesOf()).to.have.members([
      'HTTP errors',
      'action names',
      'answering drivers',
      'body parsers',
      'decorators',
      'default policy',
      'drivers',
      'error handlers',
      'events of loaders',
      'explaining',
      'loaders',
      'managers',
      'parse errors',
      'policies',
      'policies of functions',
      'reflection',
      'replaced classes',
      'served',
      'served open',
      'server builds',
      'storages',
    ]);
  });

  it('mark the managers and errors of every copy', () => {
    const classes = Object.entries(library).filter(
      ([name, value]) => name === 'JwtManager' || (name.endsWith('Error') && typeof value === 'function'),
    ) as [string, { prototype: object }][];
    expect(classes).to.have.length.above(15);
    for (const [name, { prototype }] of classes)
      expect(Object.hasOwn(prototype, Symbol.for(`${REGISTRY} ${name}`)), name).to.equal(true);
  });
});
