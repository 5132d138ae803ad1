import { describe, expect, it } from 'vitest';
import { damagedError, damageOf } from '../../src/data-folder/damage.ts';
import { LOCAL_AWS_FOLDER } from '../../src/data-folder/kind.ts';
import type { Mark } from '../../src/data-folder/mark.ts';
import { noJournal, type OpenedJournal } from '../../src/journal.ts';

interface Found extends Partial<OpenedJournal> {
  mark?: Mark;
  acknowledged?: number | 'missing' | 'damaged';
  contents?: number;
}

/** By default, that of an intact folder. */
function damage({ mark = 'marked', acknowledged = 10, contents = 3, ...journal }: Found = {}): string[] {
  const opened: OpenedJournal = {
    ...noJournal,
    writes: 10,
    written: () => 10,
    damage: [],
    damaged: [],
    unchecked: false,
    dropDamaged: () => Promise.resolve(),
    ...journal,
  };
  return damageOf(LOCAL_AWS_FOLDER, opened, mark, acknowledged, contents);
}

describe('a folder is damaged', () => {
  it('unless its journal has every acknowledged write', () => {
    expect(damage()).toEqual([]);
    expect(damage({ acknowledged: 9 })).toEqual([]);
    expect(damage({ acknowledged: 11 })).toEqual([
      'its journal ends at write 10, but 11 writes were acknowledged',
    ]);
  });

  it('if its number of acknowledged writes is damaged, or missing although something was stored', () => {
    expect(damage({ acknowledged: 'damaged' })).toEqual(['its file `acknowledged` is damaged']);
    const missing = ['its file `acknowledged` is missing'];
    expect(damage({ acknowledged: 'missing' })).toEqual(missing);
    expect(damage({ acknowledged: 'missing', writes: 0 })).toEqual(missing);
    expect(damage({ acknowledged: 'missing', contents: 0 })).toEqual(missing);
    expect(damage({ acknowledged: 'missing', writes: 0, contents: 0 })).toEqual([]);
  });

  it('not if an earlier version wrote it, which had neither a mark nor checksums', () => {
    expect(damage({ acknowledged: 'missing', mark: 'unmarked', unchecked: true })).toEqual([]);
    expect(damage({ acknowledged: 'missing', mark: 'unmarked' })).toHaveLength(1);
    expect(damage({ acknowledged: 'missing', unchecked: true })).toHaveLength(1);
  });

  it('if its mark or its journal is', () => {
    expect(damage({ mark: 'unreadable', damage: ['its summary is missing'] })).toEqual([
      'its journal is damaged: its summary is missing',
      'its mark, local-aws.json, is damaged',
    ]);
  });
});

describe('the refusal of a damaged folder', () => {
  const refusal = (
    ...args: [damage: string[], contents: number, known: number | undefined, unknown: number]
  ) => damagedError('/data', LOCAL_AWS_FOLDER, ...args);

  it('names the first five damages, the numbers, and the remedy', () => {
    const all = ['a', 'b', 'c', 'd', 'e'];
    expect(refusal(all, 1, 2, 0)).toMatchObject({
      kind: 'damaged',
      message: expect.stringMatching(
        /^the data folder \/data is damaged: a; b; c; d; e; the folder has 1 content, the journal knows 2 objects, and 0 of the contents .*`repair: true`/,
      ),
    });
    expect(refusal([...all, 'f', 'g'], 2, 1, 1).message).toMatch(
      /: a; b; c; d; e; and 2 more; the folder has 2 contents, the journal knows 1 object, and 1/,
    );
  });

  it('does not speak of a journal that cannot be read', () => {
    expect(refusal(['a'], 2, undefined, 0).message).toMatch(
      /: a; the folder has 2 contents\. Nothing was changed/,
    );
  });
});
