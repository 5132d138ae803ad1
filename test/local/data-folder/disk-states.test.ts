import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { DataFolderError } from '../../../src/local/data-folder/error.ts';
import { cases, fc } from '../../support/fuzz.ts';
import { change, contentOf, copyOf, fillFolder, filesIn, openFolder, remove } from './folder.ts';

let whole: string;
let held: string;
let files: { name: string; bytes: number }[];
beforeAll(async () => {
  whole = await mkdtemp(join(tmpdir(), 'millrace-test-'));
  held = await fillFolder(whole);
  files = (await filesIn(whole)).filter(({ bytes }) => bytes > 0);
});
afterAll(() => remove(whole));

const place = fc.record({
  file: fc.nat(),
  at: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
});

/** What becomes of a folder after something happened to one of its files: refused, or what it holds. */
async function after(
  { file, at }: { file: number; at: number },
  to: (bytes: Buffer, offset: number) => Buffer,
): Promise<string> {
  const folder = await copyOf(whole);
  const { name, bytes } = files[file % files.length] ?? { name: '', bytes: 0 };
  await change(join(folder, name), (content) => to(content, Math.floor(at * bytes)));
  try {
    const aws = await openFolder(folder);
    try {
      return await contentOf(aws);
    } finally {
      await aws.stop();
    }
  } catch (error) {
    return error instanceof DataFolderError ? 'refused' : `${name}: ${String(error)}`;
  } finally {
    await remove(folder);
  }
}

it('after any file of a data folder was cut anywhere, everything is there or the start is refused', async () => {
  await fc.assert(
    fc.asyncProperty(place, async (where) => {
      const outcome = await after(where, (bytes, offset) => bytes.subarray(0, offset));
      expect([held, 'refused']).toContain(outcome);
    }),
    { numRuns: cases(80) },
  );
});

it('after one bit of any file but a content flipped, everything is there or the start is refused', async () => {
  files = files.filter(({ name }) => !name.startsWith('blobs'));
  await fc.assert(
    fc.asyncProperty(place, fc.nat(7), async (where, bit) => {
      const outcome = await after(where, (bytes, offset) => {
        const flipped = Buffer.from(bytes);
        flipped[offset] = (flipped[offset] ?? 0) ^ (1 << bit);
        return flipped;
      });
      expect([held, 'refused']).toContain(outcome);
    }),
    { numRuns: cases(80) },
  );
});
