/*
 * The registry shows README.md by itself, so its relative links would lead nowhere. `npm pack` and `npm publish` make
 * them absolute (prepack), and relative again afterwards (postpack):
 *
 *     node release/linkReadme.mjs absolute|relative [folder]
 */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const [, , form, folder = '.'] = process.argv;
const { name, version } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'));
const base = `https://unpkg.com/${name}@${version}/`;
const file = path.join(folder, 'README.md');
const text = readFileSync(file, 'utf8');

/** Links to files of the package: not to other sites, and not within the page. */
const RELATIVE = /(\]\()(?![a-z]+:|#|\/)([^)]+\))/g;

if (form === 'absolute') writeFileSync(file, text.replaceAll(RELATIVE, `$1${base}$2`));
else if (form === 'relative') writeFileSync(file, text.replaceAll(`](${base}`, ']('));
else throw new Error('Usage: node release/linkReadme.mjs absolute|relative [folder]');
