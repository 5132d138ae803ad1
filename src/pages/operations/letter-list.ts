import type { DeadLetter } from '../../contract/types.ts';
import { reasonOf } from '../shared/api.ts';
import { keep, textIn, write } from '../shared/dom.ts';
import * as words from '../shared/words.ts';
import { api } from './api.ts';

/** A list's initial number of rows, and the number added on request. */
const STEP = 50;

export interface LetterList {
  readonly element: HTMLElement;
  load(): Promise<void>;
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
  let complete = true;
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
    );
    more.hidden = letters.length <= shown;
    const count = words.number(letters.length);
    write(state, complete ? '' : `These are the first ${count}; the export has all.`);
  }

  return {
    element: whole,
    async load() {
      if (letters.length === 0) write(state, 'Reading the queue…');
      try {
        ({ letters, complete } = await api.letters({ code }));
        draw();
      } catch (error) {
        write(state, reasonOf(error));
      }
    },
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
    textIn('span', 'soft figures', `${words.age(Date.now() - Date.parse(letter.sentAt))} ago`),
  );
  button.addEventListener('click', () => open(letter));
  row.append(button);
  return row;
}
