import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { copyJournal } from '../../src/data-folder/journal-copy.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-test-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function write(name: string, text: string, place = 'journal'): Promise<void> {
  await mkdir(join(folder, place), { recursive: true });
  await writeFile(join(folder, place, name), text);
}
const names = async (place = '') => (await readdir(join(folder, place))).toSorted();
const text = (name: string) => readFile(join(folder, 'journal', name), 'utf8');

describe('a copy of the journal', () => {
  it('brings back the files that were deleted since, and only those that there were', async () => {
    await write('1.log', 'one');
    await write('CURRENT', 'x');
    const copy = await copyJournal(folder);
    await rm(join(folder, 'journal', '1.log'));
    await write('2.log', 'two');
    await copy.restore();
    expect([await names('journal'), await text('1.log')]).toEqual([['1.log', 'CURRENT'], 'one']);
    expect(await names()).toEqual(['journal']);
  });

  it('leaves nothing behind when it is dropped, and is complete when it is moved', async () => {
    await write('1.log', 'one');
    await (await copyJournal(folder)).drop();
    expect([await names(), await names('journal')]).toEqual([['journal'], ['1.log']]);
    await (await copyJournal(folder)).moveTo(join(folder, 'elsewhere'));
    expect([await names(), await names('elsewhere')]).toEqual([['elsewhere', 'journal'], ['1.log']]);
  });

  it('contains files only, and is empty for a journal that does not exist', async () => {
    await write('in', 'x', 'journal/lost');
    const copy = await copyJournal(folder);
    await copy.restore();
    expect(await names('journal')).toEqual([]);
    await rm(join(folder, 'journal'), { recursive: true });
    await (await copyJournal(folder)).drop();
    expect(await names()).toEqual(['journal']);
  });

  it('of a start that was killed is what the journal was', async () => {
    await write('1.log', 'one');
    await copyJournal(folder);
    // LevelDB has changed the journal since, and a later start was killed during its own copy.
    await rm(join(folder, 'journal', '1.log'));
    await write('2.log', 'two');
    await write('2.log', 'two', 'journal.incomplete');
    await write('1.log', 'one', 'journal.dropped');
    await (await copyJournal(folder)).drop();
    expect([await names(), await names('journal')]).toEqual([['journal'], ['1.log']]);
  });
});
