import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { promisify } from 'node:util';
import { eventually } from './eventually.ts';

const run = promisify(execFile);

/** A terminal of 100 columns that runs one shell command. */
export interface Terminal {
  /** Returns the screen's text. */
  screen(): Promise<string>;
  /** Resolves with the screen's text when it contains a text. */
  until(text: string | RegExp): Promise<string>;
  /** Types keys, given by tmux's names. */
  type(...keys: string[]): Promise<void>;
  close(): Promise<void>;
}

/** Opens a terminal. After the command exits, it shows `exit` and the exit code. */
export async function openTerminal(command: string): Promise<Terminal> {
  // Uses a separate server, so that other tmux sessions are not affected.
  const tmux = (...args: string[]) => run('tmux', ['-L', socket, '-f', '/dev/null', ...args]);
  const socket = `millrace-test-${randomUUID()}`;
  await tmux('new-session', '-d', '-x', '100', '-y', '40', `${command}; echo "exit $?"; cat`);
  // Joins wrapped lines.
  const screen = async () => (await tmux('capture-pane', '-p', '-J')).stdout.replaceAll(/\s+$/gm, '');
  return {
    screen,
    async until(text) {
      let seen = '';
      return eventually(`the screen shows ${String(text)}`, async () => {
        seen = await screen();
        return (typeof text === 'string' ? seen.includes(text) : text.test(seen)) && seen;
      }).catch((cause: unknown) => {
        throw new Error(`the screen does not show ${String(text)}, but:\n${seen}`, { cause });
      });
    },
    async type(...keys) {
      await tmux('send-keys', ...keys);
    },
    async close() {
      await tmux('kill-server');
    },
  };
}
