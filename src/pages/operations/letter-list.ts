import type { DeadLetter } from '../../contract/types.ts';
import { reasonOf } from '../shared/api.ts';
import { keep, textIn, write } from '../shared/dom.ts';
import * as words from '../shared/words.ts';
import { api } from './api.ts';

/** A list's initial number of rows, and the number added on request. */
const STEP = 50;

export interface LetterList {
  readonly element: HTMLElement;
  /** Reads the dead letters. Returns whether that succeeded. */
  load(): Promise<boolean>;
  /** Updates their ages. */
  draw(): void;
}

/** A code's dead letters: some at first, more on request. */
export function createLetterList(code: string, open: (letter: DeadLetter) => void): LetterList {
  const whole = document.createElement('div');
  const state = textIn('p', 'soft', '');
  state.role = 'status';
  const list = document.createElement('ul');
  list.className = 'letters';
  const more = textIn('button', 'quiet', 'Show more');
  more.setAttribute('type', 'button');
  whole.append(list, state, more);
  let letters: readonly DeadLetter[] = [];
  let shown = STEP;
  more.addEventListener('click', () => {
    shown += STEP;
    draw();
  });
  more.hidden = true;

  function draw(): void {
    keep(
      list,
      letters.slice(0, shown),
      ({ id }) => id,
      (letter) => letterRow(letter, open),
      (row, { sentAt }) => {
        const age = row.querySelector<HTMLElement>('.age');
        if (age !== null) write(age, `${words.age(Date.now() - Date.parse(sentAt))} ago`);
      },
    );
    more.hidden = letters.length <= shown;
  }

  return {
    element: whole,
    async load() {
      if (letters.length === 0) write(state, 'Reading the queue…');
      try {
        const read = await api.letters({ code });
        ({ letters } = read);
        draw();
        const count = words.number(letters.length);
        write(state, read.complete ? '' : `These are the first ${count}; the export has all.`);
        return true;
      } catch (error) {
        write(state, reasonOf(error));
        return false;
      }
    },
    draw,
  };
}

export function keyOf({ objects: [object], id }: Pick<DeadLetter, 'objects' | 'id'>): string {
  return object?.key ?? id;
}

function letterRow(letter: DeadLetter, open: (letter: DeadLetter) => void): HTMLElement {
  const row = document.createElement('li');
  const button = document.createElement('button');
  button.type = 'button';
  button.className = 'letter';
  button.append(
    textIn('span', 'name', keyOf(letter)),
    textIn('span', 'soft', letter.message),
    textIn('span', 'soft figures age', ''),
  );
  button.addEventListener('click', () => open(letter));
  row.append(button);
  return row;
}
