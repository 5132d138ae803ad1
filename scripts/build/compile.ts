import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { promisify } from 'node:util';

/** Runs the compiler. @returns the emitted files: contents by path, with slashes */
export async function compile(tsconfig: string): Promise<Map<string, string>> {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-build-'));
  try {
    await promisify(execFile)('node_modules/.bin/tsc', ['-p', tsconfig, '--outDir', folder]);
    const files = new Map<string, string>();
    for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
      const path = join(entry.parentPath, entry.name);
      if (entry.isFile())
        files.set(relative(folder, path).replaceAll('\\', '/'), await readFile(path, 'utf8'));
    }
    return files;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
