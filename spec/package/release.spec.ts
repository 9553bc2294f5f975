import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { packLibrary } from '../support/packLibrary';
import { run } from '../support/Program';
import { rejection } from '../support/rejection';
import { ROOT } from '../support/root';

const MANIFEST = {
  name: 'small',
  version: '1.2.3',
  repository: 'github:example/small',
  publishConfig: { access: 'public', provenance: true },
};

describe('npm run release', () => {
  let folder: string;

  beforeEach(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'jwt-release-'));
    write('package.json', JSON.stringify(MANIFEST));
    write('CHANGELOG.md', '# Changelog\n\n## 1.2.3\n\n- New.\n\n## 1.2.2\n');
    await git('init', '--quiet');
    await commit();
    await git('tag', 'v1.2.3');
  });
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  function write(file: string, text: string): void {
    writeFileSync(path.join(folder, file), text);
  }
  function git(...args: readonly string[]): Promise<string> {
    return run('git', ['-c', 'user.name=Spec', '-c', 'user.email=spec@localhost', ...args], { cwd: folder });
  }
  async function commit(): Promise<void> {
    await git('add', '--all');
    await git('commit', '--quiet', '--message', 'more');
  }
  function check(): Promise<string> {
    const script = path.join(ROOT, 'release/release.mjs');
    return run(process.execPath, [script, '--only-check', `--folder=${folder}`], { cwd: ROOT });
  }

  it('is content with a tagged commit whose changelog has the version', async () => {
    expect(await check()).to.equal('');
  });

  it('refuses changes that are not committed, and a commit without the tag', async () => {
    write('new.js', '');
    expect((await rejection(check())).message).to.match(/There are changes that are not committed\n$/);
    await commit();
    expect((await rejection(check())).message).to.match(/The commit has no tag v1\.2\.3\n$/);
  });

  it('refuses a changelog whose newest section is not the version', async () => {
    write('CHANGELOG.md', '# Changelog\n\n## Unreleased\n\n- More.\n\n## 1.2.3\n');
    await commit();
    await git('tag', '--force', 'v1.2.3');
    expect((await rejection(check())).message).to.match(
      /section of CHANGELOG\.md is Unreleased, not 1\.2\.3\n$/,
    );
  });

  for (const [problem, change] of [
    ['no repository', { repository: undefined }],
    ['not ask for provenance', { publishConfig: { access: 'public' } }],
    ['names a registry', { publishConfig: { provenance: true, registry: 'https://registry.example' } }],
    ['is private', { private: true }],
  ] as const) {
    it(`refuses a package.json that ${problem}`, async () => {
      write('package.json', JSON.stringify({ ...MANIFEST, ...change }));
      await commit();
      await git('tag', '--force', 'v1.2.3');
      expect((await rejection(check())).message).to.include(problem);
    });
  }

  it('lists in an SBOM what users get, and nothing else', async function () {
    this.timeout(120_000);
    const { filename } = await packLibrary(folder);
    const sbom = path.join(folder, 'sbom.json');
    const script = path.join(ROOT, 'release/release.mjs');
    const tarball = path.join(folder, filename);
    await run(process.execPath, [script, '--only-sbom', `--sbom=${sbom}`, `--tarball=${tarball}`], {
      cwd: ROOT,
    });
    const { bomFormat, components } = JSON.parse(readFileSync(sbom, 'utf8')) as {
      bomFormat: string;
      components: readonly { name: string }[];
    };
    expect(bomFormat).to.equal('CycloneDX');
    const names = components.map(({ name }) => name);
    expect(names).to.include.members(['cookie', 'lru-cache', 'ms', 'co-body']);
    expect(names).to.not.include.members(['mocha']);
    const source = readFileSync(script, 'utf8');
    expect(source).to.match(
      /run\('npm', 'cit'\);\s+auditSignatures\(\);\s+writeSbom\(\);\s+run\('npm', 'publish'/,
    );
  });

  it('publishes with provenance to the public, and no file names a registry', () => {
    const manifest = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8')) as {
      publishConfig: unknown;
      scripts: Record<string, string>;
    };
    expect(manifest.publishConfig).to.deep.equal({ access: 'public', provenance: true });
    expect(manifest.scripts['release']).to.equal('node release/release.mjs');
    for (const file of ['package.json', '.npmrc', 'release/release.mjs']) {
      expect(readFileSync(path.join(ROOT, file), 'utf8'), file).to.not.match(
        /registry\s*=|https?:\/\/[^"'\s]*registry/,
      );
    }
  });
});
