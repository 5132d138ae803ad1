import { mkdtemp, open, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it, onTestFinished, vi } from 'vitest';
import { openJournal } from '../src/journal.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'local-aws-test-'));
});
afterEach(() => rm(folder, { recursive: true }));

/** More than LevelDB's cache of 8 MB, so that a second reading reads the files. */
const ENTRIES = 12_000;
const VALUE = { text: 'compressible '.repeat(100) };

async function fill(): Promise<void> {
  const journal = await openJournal(folder);
  for (let index = 0; index < ENTRIES; index += 1)
    journal.put(`entry/${String(index).padStart(6, '0')}`, VALUE);
  await journal.close();
  // LevelDB moves its log into tables when it opens.
  await (await openJournal(folder)).close();
}

/** Overwrites the second half of the tables. */
async function damage(): Promise<void> {
  for (const name of (await readdir(folder)).filter((each) => each.endsWith('.ldb'))) {
    const file = await open(join(folder, name), 'r+');
    const { size } = await file.stat();
    await file.write(Buffer.alloc(size / 2, 0xff), 0, undefined, size / 4);
    await file.close();
  }
}

it('a journal that becomes unreadable while its entries are used fails the reading, and nothing else', async () => {
  const onUnhandled = vi.fn<(error: unknown) => void>();
  process.on('unhandledRejection', onUnhandled);
  onTestFinished(() => void process.off('unhandledRejection', onUnhandled));
  await fill();
  const journal = await openJournal(folder);
  onTestFinished(() => journal.close());
  await damage();
  let count = 0;
  const reading = (async () => {
    for await (const entry of journal.entries('entry/')) {
      expect(entry[1]).toEqual(VALUE);
      // Meanwhile, the reading of the next ones fails.
      if (count % 500 === 0) await delay(20);
      count += 1;
    }
  })();
  await expect(reading).rejects.toMatchObject({ code: 'LEVEL_CORRUPTION' });
  expect(count).toBeGreaterThan(0);
  expect(onUnhandled).not.toHaveBeenCalled();
});
