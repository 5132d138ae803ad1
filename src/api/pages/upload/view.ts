import type { BatchObject } from '../../routes/batches.ts';
import { bytes } from './words.ts';

/** @throws Error when the page has no such element, which is a mistake of the page's */
export function element(id: string): HTMLElement {
  const found = document.querySelector<HTMLElement>(`#${id}`);
  if (found === null) throw new Error(`the page has no #${id}`);
  return found;
}

/** Writes text only where it differs, so that nothing is laid out or read out for nothing. */
export function write(target: HTMLElement, text: string): void {
  if (target.textContent !== text) target.textContent = text;
}

/** Brings the children of a list in line with its entries, by their ids; what stays is not touched. */
export function keep<T>(
  list: HTMLElement,
  entries: readonly T[],
  idOf: (entry: T) => string,
  make: (entry: T) => HTMLElement,
): void {
  const present = new Map([...list.children].map((child) => [child.getAttribute('data-id'), child]));
  let place = list.firstElementChild;
  for (const entry of entries) {
    const id = idOf(entry);
    let child = present.get(id);
    if (child === undefined) {
      child = make(entry);
      child.setAttribute('data-id', id);
    }
    present.delete(id);
    if (child === place) place = place.nextElementSibling;
    else list.insertBefore(child, place);
  }
  for (const child of present.values()) child.remove();
}

export interface Failure {
  id: string;
  name: string;
  reason: string;
  detail: string;
  /** Absent where trying again cannot help, or the file is not at hand. */
  retry?: () => void;
}

export function failureRow({ name, reason, detail, retry }: Failure): HTMLElement {
  const row = document.createElement('li');
  row.append(textIn('span', 'name', name), textIn('span', 'reason', reason));
  if (detail !== '') row.append(textIn('span', 'detail', detail));
  if (retry !== undefined) {
    const button = textIn('button', 'quiet', 'Retry');
    button.setAttribute('type', 'button');
    button.setAttribute('aria-label', `Retry ${name}`);
    button.addEventListener('click', retry);
    row.append(button);
  }
  return row;
}

/** A result: the smallest rendition as its picture, the largest behind the link. */
export function resultCard({ name, bytes: before, results = [] }: BatchObject): HTMLElement {
  const bySize = results.toSorted((a, b) => a.bytes - b.bytes);
  const [small, large] = [bySize[0], bySize.at(-1)];
  const card = document.createElement('li');
  const link = document.createElement('a');
  link.className = 'card';
  link.target = '_blank';
  link.rel = 'noopener';
  link.href = pathOf(large?.key ?? '');
  const image = document.createElement('img');
  image.src = pathOf(small?.key ?? '');
  image.alt = '';
  image.loading = 'lazy';
  image.decoding = 'async';
  const label = textIn('span', 'name', name.slice(name.lastIndexOf('/') + 1));
  label.title = name;
  const after = large?.bytes ?? 0;
  const sizes = textIn('span', 'sizes', `${bytes(before)} → ${bytes(after)} `);
  if (after < before) sizes.append(textIn('b', '', `−${Math.round((1 - after / before) * 100)} %`));
  link.append(image, label, sizes);
  card.append(link);
  return card;
}

function pathOf(key: string): string {
  return `/results/${key.split('/').map(encodeURIComponent).join('/')}`;
}

function textIn(tag: string, className: string, content: string): HTMLElement {
  const made = document.createElement(tag);
  if (className !== '') made.className = className;
  made.textContent = content;
  return made;
}
