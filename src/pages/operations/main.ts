import type { DeadLetterFilter, Redrive } from '../../contract/types.ts';
import { reasonOf } from '../shared/api.ts';
import { onceAFrame } from '../shared/once-a-frame.ts';
import { element, write } from '../shared/dom.ts';
import * as words from '../shared/words.ts';
import { api } from './api.ts';
import { createAnnouncer } from './announce.ts';
import { createDrawer } from './drawer.ts';
import { exportLetters, NOT_ALL } from './export-letters.ts';
import { drawGroups, type Actions } from './group-rows.ts';
import { keyOf } from './letter-list.ts';
import { createPurgeDialog } from './purge-dialog.ts';
import { createRedriveDialog } from './redrive-dialog.ts';
import { createRedriveRows } from './redrives.ts';
import { drawTiles } from './tiles.ts';
import { watchOperations } from './watch.ts';

const schedule = onceAFrame(() => draw());

/** The notice about the last action. */
let told = '';
const watch = watchOperations(schedule);
const { seen } = watch;
const announce = createAnnouncer();
const rows = createRedriveRows((redrive) => void cancel(redrive));
const actions: Actions = {
  open: createDrawer((letter) => actions.redrive({ key: letter.id }, keyOf(letter))),
  redrive: createRedriveDialog(follow),
  purge: createPurgeDialog(() => seen.summary?.queueName ?? '', watch.reread),
  export: (filter) => void copy(filter),
};

element('redrive-all').addEventListener('click', () => actions.redrive({}, 'all dead letters'));
element('export-all').addEventListener('click', () => actions.export({}));
element('purge-all').addEventListener('click', () => actions.purge({}, 'all dead letters'));
element('reread').addEventListener('click', watch.reread);

function draw(): void {
  const { summary, groups, forbidden, trouble } = seen;
  element('forbidden').hidden = !forbidden;
  element('operations').hidden = forbidden || summary === undefined;
  write(element('trouble'), trouble === '' || forbidden ? '' : `${trouble} ${staleness()}`);
  element('trouble').hidden = trouble === '' || forbidden;
  write(element('told'), told);
  element('told').hidden = told === '';
  if (forbidden) return;
  drawTiles(seen);
  drawGroups(element('groups'), groups?.groups ?? [], actions);
  const none = groups?.total === 0;
  element('groups').hidden = groups === undefined || none;
  element('for-all').hidden = groups === undefined || none;
  write(element('letters-note'), describeReading());
  rows.draw(seen);
  announce(seen.redrives);
}

function staleness(): string {
  return seen.summary === undefined
    ? 'This page keeps trying.'
    : 'The data shown is not current; this page keeps trying.';
}

function describeReading(): string {
  const { groups, groupsAt } = seen;
  if (groups === undefined) return 'Reading the queue…';
  if (groups.total === 0) return 'The queue is empty.';
  const part = groups.complete
    ? ''
    : ` The queue holds more than the ${words.number(groups.total)} that were read.`;
  return `Read ${words.clock(groupsAt)}.${part}`;
}

function follow(redrive: Redrive, planned: number): void {
  rows.plan(redrive.id, planned);
  watch.follow(redrive);
  for (const dialog of document.querySelectorAll('dialog')) dialog.close();
  draw();
  element('redrives-title').focus();
}

async function cancel(redrive: Redrive): Promise<void> {
  try {
    watch.follow(await api.cancel(redrive.id));
    told = '';
  } catch (error) {
    told = reasonOf(error);
  }
  schedule();
}

async function copy(filter: DeadLetterFilter): Promise<void> {
  told = 'Reading the queue…';
  schedule();
  try {
    const { name, ids, complete } = await exportLetters(filter);
    told =
      ids.length === 0
        ? 'There is nothing to export.'
        : `${words.letters(ids.length)} saved as ${name}.${complete ? '' : ` ${NOT_ALL}`}`;
  } catch (error) {
    told = reasonOf(error);
  }
  schedule();
}
