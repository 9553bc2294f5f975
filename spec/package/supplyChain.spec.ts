import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { packLibrary } from '../support/packLibrary';
import { run } from '../support/Program';
import { ROOT } from '../support/root';

/** A package in a lock file of npm. */
interface Locked {
  readonly version?: string;
  readonly resolved?: string;
  readonly integrity?: string;
  readonly hasInstallScript?: boolean;
  readonly license?: string;
  readonly link?: boolean;
}

/** Licences that ask for nothing but their own text. */
const PERMISSIVE = ['MIT', 'ISC', 'BSD-2-Clause', 'BSD-3-Clause', 'Apache-2.0', 'BlueOak-1.0.0', '0BSD'];

function lockedIn(folder: string): [string, Locked][] {
  const text = readFileSync(path.join(folder, 'package-lock.json'), 'utf8');
  const { packages } = JSON.parse(text) as { packages: Record<string, Locked> };
  return Object.entries(packages).filter(([where]) => where.startsWith('node_modules/'));
}

function megabytesOf(folder: string): number {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  return (
    files.reduce((sum, { parentPath, name }) => sum + statSync(path.join(parentPath, name)).size, 0) / 1e6
  );
}

describe('What users install with the library', function () {
  this.timeout(120_000);
  let folder: string;
  before(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'routing-controllers-jwt-extended-'));
    const packed = await packLibrary(folder);
    writeFileSync(
      path.join(folder, 'package.json'),
      '{ "name": "app", "version": "1.0.0", "private": true }',
    );
    // With legacy-peer-deps npm leaves out Koa and routing-controllers, which users choose themselves.
    const flags = ['--legacy-peer-deps', '--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund'];
    await run('npm', ['install', ...flags, `./${packed.filename}`], { cwd: folder });
  });
  after(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  it('has permissive licences', () => {
    const locked = lockedIn(folder);
    expect(locked.length).to.be.greaterThan(10);
    const others = locked.filter(([, { license = '' }]) => !PERMISSIVE.includes(license));
    expect(others.map(([where, { license }]) => `${where}: ${String(license)}`)).to.deep.equal([]);
  });

  it('runs no script when it is installed', () => {
    const running = lockedIn(folder).filter(([, { hasInstallScript }]) => hasInstallScript === true);
    expect(running.map(([where]) => where)).to.deep.equal([]);
  });

  // Raise a limit only for something that is worth it to everybody who installs the library.
  it('weighs no more than 66 packages and 9.5 MB, of which the library itself is 1.3 MB, half of it documentation', () => {
    const own = path.join(folder, 'node_modules/routing-controllers-jwt-extended');
    expect(lockedIn(folder).length).to.be.greaterThan(10).and.at.most(66);
    expect(megabytesOf(path.join(folder, 'node_modules')))
      .to.be.greaterThan(2)
      .and.at.most(9.5);
    expect(megabytesOf(own)).to.be.greaterThan(0.2).and.at.most(1.35);
  });

  it('is listed by npm sbom', async () => {
    const printed = await run('npm', ['sbom', '--sbom-format', 'cyclonedx', '--legacy-peer-deps'], {
      cwd: folder,
    });
    const { bomFormat, components } = JSON.parse(printed) as {
      bomFormat: string;
      components: readonly { name: string }[];
    };
    expect(bomFormat).to.equal('CycloneDX');
    const names = components.map(({ name }) => name);
    const { dependencies } = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8')) as {
      dependencies: object;
    };
    for (const name of Object.keys(dependencies)) {
      expect(
        names.some((listed) => name.endsWith(listed)),
        name,
      ).to.equal(true);
    }
  });
});

describe('package-lock.json', () => {
  const locked = lockedIn(ROOT).filter(([, { link }]) => link !== true);

  it('has a SHA-512 of each package', () => {
    const without = locked.filter(([, { integrity = '' }]) => !integrity.startsWith('sha512-'));
    expect(without.map(([where]) => where)).to.deep.equal([]);
    expect(locked.length).to.be.greaterThan(100);
  });

  it('names no registry, and no source but one', () => {
    expect(locked.filter(([, { resolved }]) => resolved !== undefined).map(([where]) => where)).to.deep.equal(
      [],
    );
  });

  it('has one name for each package that users get: no alias hides another', () => {
    const aliased = Object.entries(
      (
        JSON.parse(readFileSync(path.join(ROOT, 'package-lock.json'), 'utf8')) as {
          packages: Record<string, Locked & { name?: string; dev?: boolean }>;
        }
      ).packages,
    ).filter(([where, { name, link, dev }]) => {
      return (
        link !== true &&
        dev !== true &&
        name !== undefined &&
        where.includes('node_modules/') &&
        !where.endsWith(`/${name}`)
      );
    });
    expect(aliased.map(([where]) => where)).to.deep.equal([]);
  });
});
