import { expect } from 'chai';
import { run } from './Program';
import { ROOT } from './root';

/**
 * Runs the commands of a document against a server that listens on `port` instead of 3000, and compares what they print
 * with the lines `# → text` below them.
 */
export async function expectOutput(shell: string, port: number): Promise<void> {
  const said = /(?:^# → .*\n?)+/gm;
  const here = shell.replaceAll(/\b(localhost|127\.0\.0\.1):3000\b/g, `127.0.0.1:${port}`);
  const expected = here.match(said) ?? [];
  const script = here.replaceAll(said, "printf '\\0'\n");
  const printed = (await run('bash', ['-euo', 'pipefail', '-c', script], { cwd: ROOT })).split('\0');
  expected.forEach((lines, i) => {
    for (const line of lines.trim().split('\n'))
      expect(printed[i]).to.include(line.replace('# → ', '').trim());
  });
}
