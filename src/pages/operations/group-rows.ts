import type { DeadLetter, DeadLetterFilter, DeadLetterGroup } from '../../contract/types.ts';
import { keep, textIn, write } from '../shared/dom.ts';
import * as words from '../shared/words.ts';
import { meaningOf, retryWords, runbookLink } from './codes.ts';
import { createLetterList } from './letter-list.ts';

/** Actions on dead letters. `what` selects them. */
export interface Actions {
  open(letter: DeadLetter): void;
  redrive(filter: DeadLetterFilter, what: string): void;
  export(filter: DeadLetterFilter): void;
  purge(filter: DeadLetterFilter, what: string): void;
}

/** The table's columns. On phones, cards use them as labels. */
const COLUMNS = ['Count', 'Oldest', 'Expires in', 'Can a retry help?', 'Example'] as const;

/** Updates the table. Open rows stay open. */
export function drawGroups(table: HTMLElement, groups: readonly DeadLetterGroup[], actions: Actions): void {
  keep(
    table,
    groups,
    ({ code }) => code,
    ({ code }) => makeRows(code, actions),
    (body, group) => updaters.get(body)?.(group),
  );
}

const updaters = new WeakMap<HTMLElement, (group: DeadLetterGroup) => void>();
let made = 0;

/** The row of one code. When expanded, it lists the code's dead letters below. */
function makeRows(code: string, actions: Actions): HTMLElement {
  made += 1;
  const body = document.createElement('tbody');
  const row = document.createElement('tr');
  const heading = document.createElement('th');
  heading.scope = 'row';
  const toggle = textIn('button', 'toggle', code);
  toggle.setAttribute('type', 'button');
  toggle.setAttribute('aria-controls', `group-${made}`);
  toggle.ariaExpanded = 'false';
  heading.append(toggle);
  const cells = COLUMNS.map((column) => {
    const cell = document.createElement('td');
    cell.dataset.label = column;
    return cell;
  });
  row.append(heading, ...cells);
  const details = document.createElement('tr');
  details.id = `group-${made}`;
  details.hidden = true;
  details.className = 'details';
  const inside = document.createElement('td');
  inside.colSpan = COLUMNS.length + 1;
  const meaning = textIn('p', '', `${meaningOf(code)} `);
  meaning.append(runbookLink(code));
  const list = createLetterList(code, actions.open);
  inside.append(meaning, buttonsOf(code, actions), list.element);
  details.append(inside);
  body.append(row, details);

  let loadedOf = '';
  let state = '';
  async function load(): Promise<void> {
    if (details.hidden || loadedOf === state) return;
    loadedOf = state;
    if (!(await list.load())) loadedOf = '';
  }
  row.addEventListener('click', () => {
    // Selecting the key to copy it must not open the row.
    if (!details.hidden || getSelection()?.type !== 'Range') details.hidden = !details.hidden;
    toggle.ariaExpanded = String(!details.hidden);
    void load();
  });
  updaters.set(body, ({ count, oldest, expires, retryCanHelp, sample }) => {
    const now = Date.now();
    const texts = [
      words.number(count),
      words.age(now - Date.parse(oldest)),
      words.age(Math.max(0, Date.parse(expires) - now)),
      retryWords(retryCanHelp),
      sample,
    ];
    for (const [index, cell] of cells.entries()) write(cell, texts[index] ?? '');
    state = `${count} ${oldest}`;
    if (!details.hidden) list.draw();
    void load();
  });
  return body;
}

function buttonsOf(code: string, actions: Actions): HTMLElement {
  const choices = textIn('p', 'choices', '');
  const what = `the dead letters of ${code}`;
  for (const [name, className, act] of [
    ['Redrive…', '', () => actions.redrive({ code }, what)],
    ['Export', 'quiet', () => actions.export({ code })],
    ['Purge…', 'quiet', () => actions.purge({ code }, what)],
  ] as const) {
    const button = textIn('button', className, name);
    button.setAttribute('type', 'button');
    button.ariaLabel = `${name.replace('…', '')} ${what}`;
    button.addEventListener('click', act);
    choices.append(button);
  }
  return choices;
}
