import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, it, onTestFinished } from 'vitest';

/** A process that exits while its writes are in progress, like a command whose output is closed. */
const PROGRAM = `
  import { writeFile } from 'node:fs';
  import { join } from 'node:path';
  import { makeTemporaryFolder } from '${new URL('../src/temporary-folder.ts', import.meta.url).href}';
  const { path } = await makeTemporaryFolder('some-');
  for (let index = 0; index < 2000; index += 1) writeFile(join(path, String(index)), 'x', () => undefined);
  process.exit(7);
`;

it('a temporary folder is deleted when its process exits, even during writes', async () => {
  const TMPDIR = await mkdtemp(join(tmpdir(), 'local-aws-test-'));
  onTestFinished(() => rm(TMPDIR, { recursive: true, force: true }));
  const args = ['--import', 'tsx', '--input-type=module', '--eval', PROGRAM];
  const child = spawn(process.execPath, args, {
    env: { ...process.env, TMPDIR },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const [stderr, [code]] = await Promise.all([text(child.stderr), once(child, 'exit')]);
  expect([code, stderr]).toEqual([7, '']);
  expect((await readdir(TMPDIR)).filter((name) => name.startsWith('some-'))).toEqual([]);
});
