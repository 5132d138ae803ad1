import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { expect, it, onTestFinished } from 'vitest';

it('npm start ends with the pipeline: a signal to npm reaches it without a shell in between', async () => {
  const args = ['start', '--silent', '--', '--port', '0', '--aws-port', '0', '--json', '--concurrency', '1'];
  const npm = spawn('npm', args, { stdio: ['ignore', 'pipe', 'inherit'], detached: true });
  onTestFinished(() => {
    // Normally, the group has no processes left.
    try {
      process.kill(-Number(npm.pid), 'SIGKILL');
    } catch (error) {
      expect(error).toHaveProperty('code', 'ESRCH');
    }
  });
  const lines = createInterface({ input: npm.stdout });
  const [line] = (await once(lines, 'line')) as [string];
  const { url } = JSON.parse(line) as { url: string };
  expect((await fetch(url)).status).toBe(200);
  npm.kill('SIGTERM');
  // Waits for the last process that holds its output.
  await once(npm, 'close');
  await expect(fetch(url)).rejects.toThrow('fetch failed');
});
