import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import ts from 'typescript';
import { run } from '../support/Program';
import { ROOT } from '../support/root';

const FOLDER = join(__dirname, 'documented');

interface Recorded {
  readonly metrics: string;
  readonly spans: readonly { readonly name: string; readonly attributes: object }[];
}

/** What docs/observability.md recommends, in a process of its own. */
describe('The listeners of docs/observability.md', () => {
  let logged: Record<string, unknown>[];
  let recorded: Recorded;

  before(async function () {
    this.timeout(30_000);
    const page = readFileSync(join(ROOT, 'docs/observability.md'), 'utf8');
    mkdirSync(FOLDER, { recursive: true });
    for (const [, name, text] of page.matchAll(/^```ts\n\/\/ (\w+)\.ts\n([^]*?)^```$/gm)) {
      const ours = String(text).replace('routing-controllers-jwt-extended', '../../../src/index');
      const compilerOptions = {
        module: ts.ModuleKind.CommonJS,
        target: ts.ScriptTarget.ES2022,
        esModuleInterop: true,
      };
      const { outputText } = ts.transpileModule(ours, { compilerOptions });
      writeFileSync(join(FOLDER, `${String(name)}.js`), outputText);
    }
    const printed = await run(process.execPath, [join(__dirname, 'fixtures/documented.program.js')], {
      cwd: ROOT,
    });
    const lines = printed
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    // pino may write later.
    recorded = lines.find((line) => Object.hasOwn(line, 'metrics')) as unknown as Recorded;
    logged = lines.filter((line) => line !== (recorded as unknown));
  });

  it('pino logs each refusal, revocation and copy, and the store twice', () => {
    const told = logged.map(({ level, msg, code, scope, isAvailable }) =>
      [level, msg, code ?? scope ?? isAvailable].filter((each) => each !== undefined),
    );
    expect(told).to.deep.equal([
      [30, 'request refused', 'ERR_JWT_MISSING'],
      [30, 'request refused', 'ERR_JWT_INVALID'],
      [50, 'revocation store', false],
      [30, 'request refused', 'ERR_JWT_STORE_UNAVAILABLE'],
      [50, 'revocation store', true],
      [40, 'refresh token was copied'],
      [30, 'revoked', 'session'],
      [30, 'request refused', 'ERR_JWT_REVOKED'],
    ]);
    expect(logged[0]).to.include({ action: 'DocumentedController.me', path: '/me', status: 401 });
  });

  it('prom-client counts', () => {
    const { metrics } = recorded;
    const sample = (line: string): void => {
      expect(metrics.split('\n')).to.include(line);
    };
    sample('jwt_admitted_total{type="access"} 2');
    sample('jwt_admitted_total{type="refresh"} 1');
    sample('jwt_refused_total{code="ERR_JWT_MISSING",action="DocumentedController.me"} 1');
    sample('jwt_refused_total{code="ERR_JWT_INVALID",action="DocumentedController.me"} 1');
    sample('jwt_refused_total{code="ERR_JWT_STORE_UNAVAILABLE",action="DocumentedController.me"} 1');
    sample('jwt_refused_total{code="ERR_JWT_REVOKED",action="DocumentedController.rotate"} 1');
    sample('jwt_reused_total 1');
    sample('jwt_store_available 1');
  });

  it('OpenTelemetry has the user or the refusal on the span of each request', () => {
    const { spans } = recorded;
    expect(spans.map(({ name }) => name)).to.deep.equal([
      ...['GET /me', 'GET /me', 'GET /me', 'GET /me', 'GET /me', 'POST /rotate', 'POST /rotate'],
    ]);
    expect(spans[0]?.attributes)
      .to.have.all.keys('user.id', 'session.id')
      .and.include({ 'user.id': 'alice' });
    expect(spans[1]?.attributes).to.deep.equal({
      'jwt.refused.code': 'ERR_JWT_MISSING',
      'jwt.refused.reason': 'Missing Authorization Header',
    });
    expect(spans[2]?.attributes).to.include({ 'jwt.refused.code': 'ERR_JWT_INVALID' });
    expect(spans[6]?.attributes).to.include({ 'jwt.refused.code': 'ERR_JWT_REVOKED' });
  });
});
