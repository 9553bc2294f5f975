import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect } from 'chai';

interface Report {
  readonly schemas: object;
  readonly document: {
    readonly paths: Readonly<Record<string, object>>;
    readonly components: { schemas: object };
  };
  readonly problems: readonly string[];
  readonly crash: string;
  readonly alone: readonly string[];
}

/** In a separate process, where nothing else is imported. */
describe('openApiSpec() of all that is imported', () => {
  let report: Report;

  before(async () => {
    const child = fork(join(__dirname, 'fixtures/whole.program.js'));
    [report] = (await once(child, 'message')) as [Report];
  });

  it('lists the actions of controllers, inherited ones too, and not those of their abstract base', () => {
    const { paths } = report.document;
    expect(Object.keys(paths)).to.have.members(['/notes', '/notes/{id}']);
    expect(paths['/notes/{id}'])
      .to.have.nested.property('get.security')
      .deep.equal([{ accessToken: [] }]);
    expect(report.problems).to.deep.equal([]);
  });

  it('has the schemas of the application, and none of the library', () => {
    expect(Object.keys(report.schemas)).to.deep.equal(['Note']);
    expect(report.document.components.schemas).to.deep.equal(report.schemas);
    expect(JSON.stringify(report.document)).to.not.match(/secretKey|privateKey|JwtConfig|OptionTable/);
  });

  it('does what routing-controllers-openapi alone does not', () => {
    // If these change, openApiSpec can be simpler.
    expect(report.crash).to.match(/^TypeError: Cannot read properties of undefined \(reading 'route'\)/);
    expect(report.alone).to.deep.equal(['/notes']);
  });
});
