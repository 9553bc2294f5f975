import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { Container } from 'typedi';
import ts from 'typescript';
import * as library from '../../src/index';
import { ROOT } from '../support/root';
import { SECRET } from '../support/secret';
import { provide } from '../support/Server';

/** The classes of a block of docs/loaders.md, compiled as it stands there. */
function classesOf(marker: string): Record<string, library.Constructor> {
  const page = readFileSync(path.join(ROOT, 'docs/loaders.md'), 'utf8');
  const block = [...page.matchAll(/```ts\n([\s\S]*?)```/g)].find(([, text]) => text?.includes(marker))?.[1];
  if (block === undefined) throw new Error(`docs/loaders.md has no block with ${marker}`);
  const compilerOptions = { module: ts.ModuleKind.CommonJS, experimentalDecorators: true };
  const { outputText } = ts.transpileModule(block, { compilerOptions });
  const exports: Record<string, library.Constructor> = {};
  const packages: Record<string, unknown> = {
    'routing-controllers-jwt-extended': library,
    typedi: { Container, Service: () => () => undefined },
  };
  // eslint-disable-next-line @typescript-eslint/no-implied-eval, @typescript-eslint/no-unsafe-call -- the block of the page
  new Function('require', 'exports', outputText)((name: string) => packages[name], exports);
  return exports;
}

describe('The identity loader of docs/loaders.md', () => {
  it('fits the refresh of docs/log-in.md, which passes the identity in the token', async () => {
    const { UserId, UserRoles } = classesOf('class UserId');
    const manager = new library.JwtManager({
      secretKey: SECRET,
      loaders: [UserId, UserRoles] as library.Constructor[],
    });
    provide(manager);
    for (const loader of [UserId, UserRoles] as library.Constructor[]) Container.set(loader, new loader());
    for (const id of [7, 8]) {
      const loggedIn = await manager.decodeToken(await manager.createAccessToken({ id, roles: ['reader'] }));
      expect([loggedIn.sub, loggedIn['roles']]).to.deep.equal([String(id), ['reader']]);
      const refreshed = await manager.decodeToken(await manager.createAccessToken(loggedIn.sub));
      expect(refreshed.sub).to.equal(String(id));
      expect(refreshed).to.not.have.property('roles');
    }
  });
});
