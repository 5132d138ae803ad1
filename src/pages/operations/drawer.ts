import type { DeadLetter, DeadLetterInFull } from '../../contract/types.ts';
import { reasonOf } from '../shared/api.ts';
import { element, elementOf, textIn, write } from '../shared/dom.ts';
import * as words from '../shared/words.ts';
import { api } from './api.ts';
import { meaningOf, retryWords, runbookLink } from './codes.ts';
import { dialogOf, say, show } from './dialog.ts';
import { keyOf } from './letter-list.ts';

/** Shows one dead letter in full. Returns a function that opens it. */
export function createDrawer(redrive: (letter: DeadLetter) => void): (letter: DeadLetter) => void {
  const drawer = dialogOf('drawer', () => preview(undefined));
  const image = elementOf('drawer-image', HTMLImageElement);
  const source = element('drawer-source');
  let current: DeadLetter | undefined;
  const shows = (picture: boolean) => {
    image.hidden = !picture;
    element('drawer-no-image').hidden = picture;
  };
  image.addEventListener('load', () => shows(true));
  image.addEventListener('error', () => shows(false));
  element('drawer-redrive').addEventListener('click', () => {
    if (current !== undefined) redrive(current);
  });

  function preview(path: string | undefined): void {
    element('drawer-preview').hidden = path === undefined;
    image.hidden = true;
    element('drawer-no-image').hidden = true;
    if (path === undefined) image.removeAttribute('src');
    else image.src = path;
    source.setAttribute('href', path ?? '');
  }

  function draw(letter: DeadLetter & Partial<DeadLetterInFull>): void {
    write(element('drawer-title'), keyOf(letter));
    write(element('drawer-message'), letter.message);
    element('drawer-help').replaceChildren(`${meaningOf(letter.code)} `, runbookLink(letter.code));
    list('drawer-facts', factsOf(letter));
    list('drawer-logs', logsOf(letter));
    list('drawer-attributes', attributesOf(letter));
    section('drawer-report', letter.report === undefined ? '' : JSON.stringify(letter.report, undefined, 2));
    section('drawer-body', indented(letter.body));
  }

  async function fill(letter: DeadLetter): Promise<void> {
    try {
      const detail = await api.letter(letter.id);
      // Another dead letter may have been opened in the meantime.
      if (current !== letter || !drawer.open) return;
      draw(detail);
      preview(detail.preview);
    } catch (error) {
      if (current === letter) say('drawer-problem', reasonOf(error));
    }
  }

  return (letter) => {
    current = letter;
    say('drawer-problem', '');
    preview(undefined);
    draw(letter);
    show(drawer);
    void fill(letter);
  };
}

type Fact = readonly [name: string, value: string];

function factsOf({ id, code, attempts, objects, sentAt, expiresAt, retryCanHelp }: DeadLetter): Fact[] {
  return [
    ['Code', code],
    ['Can a retry help?', retryWords(retryCanHelp)],
    ['Attempts', words.number(attempts)],
    ['Sent', `${words.moment(sentAt)}, ${words.age(Date.now() - Date.parse(sentAt))} ago`],
    [
      'Expires',
      `${words.moment(expiresAt)}, in ${words.age(Math.max(0, Date.parse(expiresAt) - Date.now()))}`,
    ],
    ...objects.map(({ bucket, key, versionId }): Fact => {
      return ['Object', `s3://${bucket}/${key}${versionId === undefined ? '' : ` (version ${versionId})`}`];
    }),
    ['Message id', id],
  ];
}

/** Returns the location of the logs, from the failure report. */
function logsOf({ report = {} }: Partial<DeadLetterInFull>): Fact[] {
  const names = { logGroup: 'Log group', logStream: 'Log stream', requestId: 'Request' };
  return Object.entries(names).flatMap(([field, name]): Fact[] => {
    const value = report[field];
    return typeof value === 'string' ? [[name, value]] : [];
  });
}

function attributesOf({ attributes }: DeadLetter): Fact[] {
  return Object.entries(attributes).map(([name, { type, value, binary }]): Fact => {
    return [name, value ?? `${binary ?? ''} (${type}, base64)`];
  });
}

/** Fills a list of names and values. Hides its section if the list is empty. */
function list(id: string, facts: readonly Fact[]): void {
  const rows = facts.map(([name, value]) => {
    const row = document.createElement('div');
    row.append(textIn('dt', '', name), textIn('dd', '', value));
    return row;
  });
  element(id).replaceChildren(...rows);
  hideSection(id, rows.length === 0);
}

function section(id: string, text: string): void {
  write(element(id), text);
  hideSection(id, text === '');
}

function hideSection(id: string, hidden: boolean): void {
  const around = element(id).closest<HTMLElement>('section');
  if (around !== null) around.hidden = hidden;
}

/** Returns JSON with indentation, and other text unchanged. */
function indented(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), undefined, 2);
  } catch {
    return text;
  }
}
