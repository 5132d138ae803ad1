import { readFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { millrace, millraceStart, SHELL_COMMAND, type Started } from '../support/command.ts';
import { createTestFolder, type TestFolder } from '../support/command-folder.ts';
import { startGate } from '../support/gate.ts';
import { needs } from '../support/needs.ts';
import { openTerminal, type Terminal } from '../support/terminal.ts';

let started: Started;
let folder: TestFolder;
beforeAll(async () => {
  [started, folder] = await Promise.all([millraceStart('--concurrency', '1'), createTestFolder()]);
  for (const name of ['a', 'b', 'c']) await folder.image(`photos/${name}.png`);
  await folder.file('bad/text.jpg', 'I am no photo');
});
afterAll(async () => {
  await started.end('SIGTERM');
  await folder.remove();
});

async function inTerminal(line: string, look: (terminal: Terminal) => Promise<void>, url = started.url) {
  const terminal = await openTerminal(`MILLRACE_ENDPOINT=${url} MILLRACE_STACK= ${SHELL_COMMAND} ${line}`);
  try {
    await look(terminal);
  } finally {
    await terminal.close();
  }
}

it('piped output has no colour, no live line and no prompt', async () => {
  const connection = ['--endpoint', started.url];
  const uploads = await millrace('upload', folder.at('photos'), folder.at('bad'), '--wait', ...connection);
  const purge = await millrace('dlq', 'purge', '--export', folder.at('pipe.jsonl'), ...connection);
  const listed = await millrace('dlq', ...connection);
  for (const { stdout, stderr } of [uploads, purge, listed])
    expect(stdout + stderr).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
  expect([uploads.code, purge.code, listed.code]).toEqual([1, 2, 0]);
});

describe('on a terminal', needs('tmux'), () => {
  it('upload shows one live line while it runs, replaced by its outcome at the end', async () => {
    let release: () => void = () => undefined;
    const released = new Promise<void>((resolve) => (release = resolve));
    let put = 0;
    const hold = ({ method }: IncomingMessage) => (method === 'PUT' && (put += 1) > 1 ? released : undefined);
    const gate = await startGate(started, { hold });
    await inTerminal(
      `upload '${folder.at('bad')}' '${folder.at('photos')}' --prefix live/ --concurrency 1 --wait`,
      async (terminal) => {
        const live = /^\d+ of 4 \(\d+ %\) · .* per second.*$/gm;
        // The bad one, which is finished, is above the live line, which appears once.
        const during = await terminal.until(/^1 of 4 \(25 %\) .* · 1 failed$/m);
        expect(during.match(live)).toHaveLength(1);
        expect(during).toMatch(/^failed {2}live\/text\.jpg {2}image\.unsupported_format/m);
        release();
        const after = await terminal.until('exit 1');
        expect(after).toMatch(/^4 uploaded \(.*\), 0 skipped, 3 converted, 0 pending, 1 failed in .* s$/m);
        expect(after.match(live)).toBeNull();
      },
      gate.url,
    );
    await gate.stop();
  });

  it.each([
    ['n', 'Enter'],
    ['C-c', ''],
    ['C-d', ''],
  ])('purge asks for confirmation, and %s changes nothing', async (...keys) => {
    const file = folder.at(`asked-${keys[0]}.jsonl`);
    await inTerminal(`dlq purge --export '${file}'`, async (terminal) => {
      await terminal.until(/Delete all dead letters, after a copy into .*\? \[y\/N\]/s);
      await terminal.type(...keys.filter((key) => key !== ''));
      const after = await terminal.until('exit 130');
      expect(after).toMatch(/^millrace: nothing was changed$/m);
    });
    await expect(readFile(file)).rejects.toThrow('ENOENT');
  });

  it('purge does not ask if its output is piped', async () => {
    await inTerminal(`dlq purge --export '${folder.at('piped.jsonl')}' | cat`, async (terminal) => {
      const answered = await terminal.until(/^exit |\[y\/N\]/m);
      expect(answered).toContain('This is not an interactive terminal: confirm with --yes');
    });
  });

  it('purge continues after yes', async () => {
    const file = folder.at('yes.jsonl');
    await inTerminal(`dlq purge --code image.unsupported_format --export '${file}'`, async (terminal) => {
      await terminal.until('[y/N]');
      await terminal.type('y', 'Enter');
      expect(await terminal.until(/^exit /m)).toMatch(/^exit 0$/m);
    });
    expect((await readFile(file, 'utf8')).trimEnd().split('\n')).not.toEqual(['']);
    expect((await millrace('dlq', '--endpoint', started.url)).stdout).toBe('no dead letters\n');
  });
});
