/*
 * Publishes the version of package.json, after everything has been checked, the signatures of the installed packages too, and
 * writes the SBOM to sbom.cdx.json:
 *
 *     npm run release -- [--dry-run]
 *
 * Provenance needs a CI that npm trusts: the script runs there, on the commit that has the tag.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    'dry-run': { type: 'boolean', default: false },
    'only-check': { type: 'boolean', default: false },
    'only-sbom': { type: 'boolean', default: false },
    sbom: { type: 'string', default: 'sbom.cdx.json' },
    tarball: { type: 'string' },
    folder: { type: 'string', default: '.' },
  },
});
const { folder } = values;

if (values['only-sbom']) {
  writeSbom();
  process.exit();
}

const problems = problemsIn(JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')));
for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exitCode = 1;
else if (!values['only-check']) {
  run('npm', 'cit');
  auditSignatures();
  writeSbom();
  run('npm', 'publish', ...(values['dry-run'] ? ['--dry-run'] : []));
}

/** Why this version cannot be released. */
function problemsIn({ version, repository, publishConfig, private: isPrivate }) {
  const changelog = readFileSync(path.join(folder, 'CHANGELOG.md'), 'utf8');
  const [, first] = /^## (.+)$/m.exec(changelog) ?? [];
  return [
    isPrivate === true && 'package.json is private',
    repository === undefined &&
      'package.json has no repository: npm compares it with where a release comes from',
    publishConfig?.provenance !== true && 'package.json does not ask for provenance in publishConfig',
    publishConfig?.registry !== undefined && 'package.json names a registry in publishConfig',
    first !== version && `The newest section of CHANGELOG.md is ${first}, not ${version}`,
    git('status', '--porcelain') !== '' && 'There are changes that are not committed',
    !git('tag', '--points-at', 'HEAD').split('\n').includes(`v${version}`) &&
      `The commit has no tag v${version}`,
  ].filter((problem) => problem !== false);
}

/**
 * What users get, for the page of the release: of an application that has installed nothing but this version, because
 * npm sbom cannot list a repository whose workspace depends on it.
 */
function writeSbom() {
  const application = mkdtempSync(path.join(tmpdir(), 'jwt-sbom-'));
  const npm = (...args) => execFileSync('npm', args, { cwd: application, encoding: 'utf8', maxBuffer: 1e8 });
  try {
    const tarball = values.tarball ?? packedInto(application);
    writeFileSync(
      path.join(application, 'package.json'),
      '{ "name": "app", "version": "1.0.0", "private": true }',
    );
    npm(
      'install',
      '--legacy-peer-deps',
      '--ignore-scripts',
      '--prefer-offline',
      '--no-audit',
      '--no-fund',
      tarball,
    );
    writeFileSync(values.sbom, npm('sbom', '--sbom-format=cyclonedx', '--legacy-peer-deps'));
  } finally {
    rmSync(application, { recursive: true, force: true });
  }
}

function packedInto(destination) {
  const args = ['pack', '--json', '--silent', `--pack-destination=${destination}`];
  const printed = execFileSync('npm', args, { cwd: folder, encoding: 'utf8' });
  const [{ filename }] = JSON.parse(printed.slice(printed.indexOf('[')));
  return path.join(destination, filename);
}

/** Some registries sign nothing. One that does must have signed every package. */
function auditSignatures() {
  const { status, stdout, stderr } = spawnSync('npm', ['audit', 'signatures'], {
    cwd: folder,
    encoding: 'utf8',
  });
  if (status === 0) return;
  if (!/no dependencies to audit that were installed from a supported registry/.test(stderr))
    throw new Error(`npm audit signatures refuses what is installed:\n${stdout}${stderr}`);
  console.error('The registry signs no packages: npm audit signatures has nothing to compare');
}

function git(...args) {
  return execFileSync('git', args, { cwd: folder, encoding: 'utf8' }).trim();
}

function run(command, ...args) {
  execFileSync(command, args, { cwd: folder, stdio: 'inherit' });
}
