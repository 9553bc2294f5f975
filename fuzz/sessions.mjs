import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';

const ROOT = path.join(import.meta.dirname, '..');
const SPEC = path.join(ROOT, 'build', 'spec', 'session', 'model.spec.js');

/** Runs spec/session/model.spec.ts for longer: the stores and a model of sessions do the same random steps. */
export function exploreSessions(seconds, seed) {
  if (!existsSync(SPEC)) throw new Error(`${SPEC} is missing: run npx tsc -p tsconfig.json`);
  const mocha = path.join(ROOT, 'node_modules', 'mocha', 'bin', 'mocha.js');
  const args = [mocha, '--no-config', '--exit', '--require', 'reflect-metadata', SPEC];
  const env = { ...process.env, MODEL_SECONDS: String(seconds), MODEL_SEED: seed };
  const started = performance.now();
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: ROOT, env, encoding: 'utf8' });
  const result = { target: 'sessions', seed, seconds: (performance.now() - started) / 1000 };
  if (status === 0) return result;
  return { ...result, failure: { kind: 'the specs failed', input: '', message: stdout + stderr } };
}
