/*
 * Publishes the version of package.json, after everything has been checked:
 *
 *     npm run release -- [--dry-run]
 *
 * Provenance needs a CI that npm trusts: the script runs there, on the commit that has the tag.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    'dry-run': { type: 'boolean', default: false },
    'only-check': { type: 'boolean', default: false },
    folder: { type: 'string', default: '.' },
  },
});
const { folder } = values;

const problems = problemsIn(JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')));
for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exitCode = 1;
else if (!values['only-check']) {
  run('npm', 'cit');
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

function git(...args) {
  return execFileSync('git', args, { cwd: folder, encoding: 'utf8' }).trim();
}

function run(command, ...args) {
  execFileSync(command, args, { cwd: folder, stdio: 'inherit' });
}
