import type { OpenedJournal } from '../journal.ts';
import { DataFolderError } from './error.ts';
import type { FolderKind } from './kind.ts';
import type { Mark } from './mark.ts';

/** Describes the damage of a readable journal. */
export function damageOf(
  kind: FolderKind,
  journal: OpenedJournal,
  mark: Mark,
  acknowledged: number | 'missing' | 'damaged',
  contents: number,
): string[] {
  const damage = journal.damage.map((text) => `its journal is damaged: ${text}`);
  if (mark === 'unreadable') damage.push(`its mark, ${kind.mark}, is damaged`);
  if (acknowledged === 'damaged') damage.push('its file `acknowledged` is damaged');
  else if (acknowledged === 'missing') {
    const isEarlier = mark === 'unmarked' && journal.unchecked;
    const isNew = journal.writes === 0 && contents === 0;
    if (!isEarlier && !isNew) damage.push('its file `acknowledged` is missing');
  } else if (journal.writes < acknowledged)
    damage.push(`its journal ends at write ${journal.writes}, but ${acknowledged} writes were acknowledged`);
  return damage;
}

const SHOWN = 5;

/**
 * Returns the error that refuses a damaged folder, with numbers. @param known how many objects the journal has, if it
 * can be read
 */
export function damagedError(
  folder: string,
  kind: FolderKind,
  damage: readonly string[],
  contents: number,
  known: number | undefined,
  unknown: number,
): DataFolderError {
  const more = damage.length > SHOWN ? `; and ${damage.length - SHOWN} more` : '';
  const numbers =
    known === undefined
      ? `the folder has ${count(contents, 'content')}`
      : `the folder has ${count(contents, 'content')}, the journal knows ${count(known, 'object')}, and ${unknown} of the contents are of none of them`;
  return new DataFolderError(
    'damaged',
    `the data folder ${folder} is damaged: ${damage.slice(0, SHOWN).join('; ')}${more}; ${numbers}. Nothing was changed. Restore a backup, or ${kind.repair}, which moves aside what is damaged and deletes nothing`,
  );
}

/** `1 object`, `2 objects`. */
export function count(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`;
}
