import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const FOLDER = path.join(import.meta.dirname, '..', 'corpus');

/** The inputs of a target that earlier runs have kept. They are JSON strings, because some have lone surrogates. */
export function readCorpus(target) {
  const folder = path.join(FOLDER, target);
  if (!existsSync(folder)) return [];
  const files = readdirSync(folder).sort();
  return files.map((file) => JSON.parse(readFileSync(path.join(folder, file), 'utf8')));
}

/** Replaces what was kept. Each file has the name of its contents. */
export function writeCorpus(target, texts) {
  const folder = path.join(FOLDER, target);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const text of texts) {
    const json = `${JSON.stringify(text)}\n`;
    const name = createHash('sha256').update(json).digest('hex').slice(0, 12);
    writeFileSync(path.join(folder, `${name}.json`), json);
  }
}
