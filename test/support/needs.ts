import { spawnSync } from 'node:child_process';
import type { TestOptions } from 'vitest';
import { findBrowser } from './browser.ts';

declare module 'vitest' {
  interface TaskMeta {
    /** Software that a test needs and this machine lacks. */
    leftOut?: LeftOut;
  }
}

export interface LeftOut {
  needs: string;
  /** How to install it. */
  get: string;
}

const answers = (command: string, ...args: string[]) => spawnSync(command, args).status === 0;

/** Returns a Python with boto3: the first in the path, or the system's, which has Debian's package. */
export function findPythonWithBoto3(): string | undefined {
  return ['python3', '/usr/bin/python3'].find((python) => answers(python, '-c', 'import boto3'));
}

/** Software that some tests need and `npm ci` does not install. */
const PROGRAMS = {
  chromium: { isHere: () => findBrowser() !== undefined, get: 'apt-get install chromium' },
  tmux: { isHere: () => answers('tmux', '-V'), get: 'apt-get install tmux' },
  aws: { isHere: () => answers('aws', '--version'), get: 'apt-get install awscli' },
  rclone: { isHere: () => answers('rclone', 'version'), get: 'apt-get install rclone' },
  ffmpeg: { isHere: () => answers('ffmpeg', '-version'), get: 'apt-get install ffmpeg' },
  boto3: { isHere: () => findPythonWithBoto3() !== undefined, get: 'apt-get install python3-boto3' },
  mounts: {
    isHere: () => answers('unshare', '--mount', 'true'),
    get: 'run the tests as root, where mounts are allowed',
  },
  prlimit: { isHere: () => answers('prlimit', '--version'), get: 'apt-get install util-linux' },
  'linux on x64': {
    isHere: () => process.arch === 'x64' && process.platform === 'linux',
    get: 'run the tests on such a machine',
  },
} satisfies Record<string, { isHere(): boolean; get: string }>;

export type Program = keyof typeof PROGRAMS;

/** Returns options for a test or suite that needs a program. Without it, the test is skipped and the run reports it. */
export function needs(program: Program): TestOptions {
  const { isHere, get } = PROGRAMS[program];
  return isHere() ? {} : { skip: true, meta: { leftOut: { needs: program, get } } };
}
