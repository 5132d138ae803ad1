import { LIMITS } from '../../contract/limits.ts';
import type { DeadLetterFilter } from '../../contract/types.ts';
import { reasonOf } from '../shared/api.ts';
import { element, elementOf, write } from '../shared/dom.ts';
import * as words from '../shared/words.ts';
import { api } from './api.ts';
import { dialogOf, say, show } from './dialog.ts';
import { exportLetters, NOT_ALL, type Exported } from './export-letters.ts';

const TRIES = 5;

/**
 * Deletes dead letters: downloads a copy, requires the user to type the queue's name, then deletes exactly the copied
 * dead letters. Returns a function that opens the dialog.
 */
export function createPurgeDialog(
  queueName: () => string,
  onPurged: () => void,
): (filter: DeadLetterFilter, what: string) => void {
  const dialog = dialogOf('purge');
  const copy = elementOf('purge-copy', HTMLButtonElement);
  const purge = elementOf('purge-start', HTMLButtonElement);
  const name = elementOf('queue-name', HTMLInputElement);
  let asked: { filter: DeadLetterFilter; exported?: Exported } = { filter: {} };

  function draw(): void {
    const { exported } = asked;
    const some = exported !== undefined && exported.ids.length > 0;
    element('purge-confirm').hidden = !some;
    purge.disabled = !some || name.value !== queueName();
    if (exported === undefined) return;
    const { ids, complete } = exported;
    write(
      element('purge-note'),
      some
        ? `${exported.name} holds ${words.letters(ids.length)}. Make sure that you have this file: it is the only copy.${complete ? '' : ` ${NOT_ALL}`}`
        : 'Nothing to purge: no dead letter in the queue matches.',
    );
  }

  async function download(): Promise<void> {
    const mine = asked;
    copy.disabled = true;
    say('purge-problem', '');
    write(element('purge-note'), 'Reading the queue…');
    try {
      const exported = await exportLetters(mine.filter);
      mine.exported = exported;
      if (asked !== mine) return;
      draw();
      if (exported.ids.length > 0) name.focus();
    } catch (error) {
      if (asked !== mine) return;
      write(element('purge-note'), '');
      copy.disabled = false;
      say('purge-problem', reasonOf(error));
    }
  }

  copy.addEventListener('click', () => void download());
  name.addEventListener('input', draw);

  /** Sends further requests for dead letters that one request did not reach. */
  async function deleteAll({ ids }: Exported): Promise<string> {
    const sum = { deleted: 0, gone: 0, notReached: 0 };
    for (let begin = 0; begin < ids.length; begin += LIMITS.purgedDeadLetters) {
      const some = ids.slice(begin, begin + LIMITS.purgedDeadLetters);
      let deleted = 0;
      let complete = false;
      // Messages hidden by another reader become visible again.
      for (let attempt = 0; attempt < TRIES && !complete && deleted < some.length; attempt += 1) {
        const purged = await api.purge({ queueName: name.value, ids: some });
        deleted += purged.deleted;
        complete = purged.complete !== false;
      }
      sum.deleted += deleted;
      sum[complete ? 'gone' : 'notReached'] += some.length - deleted;
    }
    return [
      `${words.letters(sum.deleted)} deleted.`,
      ...(sum.gone === 0
        ? []
        : [`${words.number(sum.gone)} ${sum.gone === 1 ? 'was' : 'were'} no longer in the queue.`]),
      ...(sum.notReached === 0
        ? []
        : [`${words.number(sum.notReached)} could not be reached yet: purge again.`]),
    ].join(' ');
  }

  async function carryOut(exported: Exported): Promise<void> {
    purge.disabled = true;
    say('purge-problem', '');
    try {
      const done = await deleteAll(exported);
      if (asked.exported !== exported) return;
      element('purge-confirm').hidden = true;
      write(element('purge-note'), done);
      element('purge-title').focus();
    } catch (error) {
      if (asked.exported !== exported) return;
      say('purge-problem', reasonOf(error));
      purge.disabled = false;
    } finally {
      onPurged();
    }
  }

  element('purge-form').addEventListener('submit', (event) => {
    event.preventDefault();
    const { exported } = asked;
    if (exported !== undefined && name.value === queueName()) void carryOut(exported);
  });

  return (filter, what) => {
    asked = { filter };
    write(element('purge-title'), `Purge ${what}`);
    write(element('purge-note'), '');
    write(element('purge-queue'), queueName());
    say('purge-problem', '');
    name.value = '';
    copy.disabled = false;
    draw();
    show(dialog);
  };
}
