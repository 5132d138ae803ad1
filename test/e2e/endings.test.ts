import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import sharp from 'sharp';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { seededRandom } from '@millrace/local-aws/models';
import { millrace, spawnCommand } from '../support/command.ts';
import { createTestFolder, type TestFolder } from '../support/command-folder.ts';
import { takesLong } from '../support/takes-long.ts';

takesLong();

const FILES = 16;
const SEED = 20_261_126;

let folder: TestFolder;
beforeEach(async () => {
  folder = await createTestFolder();
  for (let index = 0; index < FILES; index += 1) await folder.image(`photos/${index % 3}/${index}.png`);
});
afterEach(() => folder.remove());

/** Returns the files in a folder, recursively, by path. */
async function filesIn(path: string): Promise<string[]> {
  const entries = await readdir(path, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

async function hashes(path: string): Promise<Record<string, string>> {
  const files = (await filesIn(path)).toSorted();
  const pairs = files.map(async (file) => {
    const hash = createHash('sha256')
      .update(await readFile(file))
      .digest('hex');
    return [file, hash] as const;
  });
  return Object.fromEntries(await Promise.all(pairs));
}

const isDraft = (file: string) => file.includes('/.millrace-');

const random = seededRandom(SEED);
/** After this many files, or after this many milliseconds, which is usually before the first file. */
const MOMENTS = [
  ...[1, 2, FILES - 1].map((files) => ({ files, milliseconds: 0 })),
  ...Array.from({ length: 3 }, () => ({ files: 0, milliseconds: Math.floor(random() * 2000) })),
];
const ENDINGS = (['SIGINT', 'SIGTERM', 'SIGKILL'] as const).flatMap((signal) =>
  MOMENTS.map((moment) => ({ signal, ...moment })),
);

describe('convert, terminated by a signal', () => {
  it.each(ENDINGS)(
    '$signal after $files files and $milliseconds ms: sources are unchanged, results complete or absent, and the next run converts the rest',
    async ({ signal, files, milliseconds }) => {
      const [from, to] = [folder.at('photos'), folder.at('out')];
      const before = await hashes(from);
      const child = spawnCommand(['convert', from, '--out', to, '--json', '--concurrency', '2']);
      const exited = once(child, 'exit');
      child.stderr.resume();
      let lines = 0;
      createInterface({ input: child.stdout }).on('line', () => {
        lines += 1;
        if (lines === files) child.kill(signal);
      });
      if (files === 0) {
        await Promise.race([delay(milliseconds), exited]);
        child.kill(signal);
      }
      await exited;

      expect(await hashes(from)).toEqual(before);
      const left = await filesIn(to);
      if (signal !== 'SIGKILL') expect(left.filter(isDraft)).toEqual([]);
      for (const file of left.filter((each) => !isDraft(each)))
        await expect(sharp(file).stats(), file).resolves.toBeDefined();

      const again = await millrace('convert', from, '--out', to, '--skip-existing');
      expect(again).toMatchObject({ code: 0 });
      // Neither run leaves anything behind.
      const results = await filesIn(to);
      expect(results.filter(isDraft)).toEqual([]);
      expect(results).toHaveLength(FILES);
      expect(await hashes(from)).toEqual(before);
    },
  );
});
