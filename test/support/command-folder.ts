import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { tinyPng } from './images.ts';

/** A test's temporary folder. */
export interface TestFolder {
  path: string;
  /** Writes a file, with its parent folders. @returns its path */
  file(name: string, content: string | Uint8Array): Promise<string>;
  /** Writes the smallest image that can be converted. @returns its path */
  image(name: string): Promise<string>;
  copy(from: string, name: string): Promise<string>;
  at(name: string): string;
  remove(): Promise<void>;
}

export async function createTestFolder(): Promise<TestFolder> {
  const path = await mkdtemp(join(tmpdir(), 'millrace-test-'));
  const at = (name: string) => join(path, name);
  async function place(name: string): Promise<string> {
    await mkdir(dirname(at(name)), { recursive: true });
    return at(name);
  }
  const folder: TestFolder = {
    path,
    at,
    async file(name, content) {
      const target = await place(name);
      await writeFile(target, content);
      return target;
    },
    image: async (name) => folder.file(name, await tinyPng()),
    async copy(from, name) {
      const target = await place(name);
      await copyFile(from, target);
      return target;
    },
    remove: () => rm(path, { recursive: true, force: true }),
  };
  return folder;
}
