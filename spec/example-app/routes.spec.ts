import { expect } from 'chai';
import path from 'node:path';
import { openApiProblems } from '../support/openApiProblems';
import { run } from '../support/Program';
import { Example, FOLDER } from './Example';

interface Document {
  readonly paths: Readonly<
    Record<string, Readonly<Record<string, { readonly security: readonly object[] }>>>
  >;
  readonly components: { readonly schemas: object };
}

/** Without those of the demonstration. */
const PRODUCTION = { NODE_ENV: 'production' };

describe('The routes of the example application', function () {
  this.timeout(60_000);
  let example: Example;

  before(async () => {
    example = await Example.start(PRODUCTION);
  });
  after(() => Example.stopAll());

  it('are printed by npm run routes, which needs neither database nor secret', async () => {
    const printed = await run(process.execPath, [path.join(FOLDER, 'dist/routes.js')], {
      cwd: FOLDER,
      env: PRODUCTION,
    });
    const open = printed.split('\n').filter((line) => line.startsWith('open'));
    expect(open.map((line) => line.split(/ +/).slice(1, 3).join(' '))).to.deep.equal([
      'GET /greeting',
      'POST /login',
      'POST /logout',
      'DELETE /session',
      'POST /session',
      'POST /signup',
    ]);
    expect(printed).to.match(
      /\n {6}POST +\/password +AccountController\.changePassword +fresh access token +on the method\n/,
    );
    expect(printed).to.include('14 routes, 6 of them open');
  });

  it('are in its OpenAPI document, in which a validator finds nothing', async () => {
    const document = (await (await example.get('/openapi.json')).json()) as Document;
    expect(await openApiProblems(document)).to.deep.equal([]);
    const security = Object.fromEntries(
      Object.entries(document.paths).flatMap(([route, item]) =>
        Object.entries(item).map(([verb, operation]) => [
          `${verb.toUpperCase()} ${route}`,
          operation.security.map((each) => Object.keys(each).join(' and ')),
        ]),
      ),
    );
    const either = ['accessToken', 'accessCookie'];
    const eitherWithCsrf = ['accessToken', 'accessCookie and accessCsrf'];
    expect(security).to.deep.equal({
      'POST /signup': [],
      'GET /me': either,
      'POST /password': eitherWithCsrf,
      'GET /admin/users': either,
      'GET /sessions': either,
      'DELETE /sessions': eitherWithCsrf,
      'DELETE /sessions/{sid}': eitherWithCsrf,
      'GET /greeting': [...either, ''],
      'POST /session': [],
      'DELETE /session': [],
      'POST /session/refresh': ['refreshCookie and refreshCsrf'],
      'POST /login': [],
      'POST /refresh': ['refreshToken'],
      'POST /logout': [],
    });
    expect(Object.keys(document.components.schemas)).to.have.members([
      'Credentials',
      'NewAccount',
      'NewPassword',
    ]);
  });

  it('include a page for the document, with no more of Swagger UI than it needs', async () => {
    const status = async (route: string): Promise<number> => (await example.get(route)).status;
    expect(await status('/api/')).to.equal(200);
    expect(await status('/api/swagger-ui-bundle.js')).to.equal(200);
    expect(await status('/api/package.json')).to.equal(404);
    expect(await status('/api/index.js')).to.equal(404);
    const policy = async (route: string): Promise<string> =>
      (await example.get(route)).headers.get('content-security-policy') ?? '';
    expect(await policy('/'))
      .to.include("require-trusted-types-for 'script'")
      .and.not.include('data:');
    expect(await policy('/api/')).to.include("script-src 'self'; style-src 'self'; img-src 'self' data:;");
  });
});
