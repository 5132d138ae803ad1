import type { BatchObject } from '../../contract/types.ts';
import { api } from '../shared/api.ts';
import { textIn } from '../shared/dom.ts';
import { bytes } from '../shared/words.ts';

export interface Failure {
  id: string;
  name: string;
  reason: string;
  detail: string;
  /** Absent if a retry cannot help, or the page does not have the file. */
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

/** A result: the smallest rendition as its picture, with a link to the largest. */
export function resultCard({ name, bytes: before, results = [] }: BatchObject): HTMLElement {
  const bySize = results.toSorted((a, b) => a.bytes - b.bytes);
  const [small, large] = [bySize[0], bySize.at(-1)];
  const card = document.createElement('li');
  const link = document.createElement('a');
  link.className = 'card';
  link.target = '_blank';
  link.rel = 'noopener';
  link.href = api.addressOf('getResult', { key: large?.key ?? '' });
  const image = document.createElement('img');
  image.src = api.addressOf('getResult', { key: small?.key ?? '' });
  image.alt = '';
  image.loading = 'lazy';
  image.decoding = 'async';
  // A custom conversion's result may not be an image, or not one that this browser can show.
  image.addEventListener('error', () => image.replaceWith(textIn('span', 'no-preview', 'No preview')));
  const label = textIn('span', 'name', name.slice(name.lastIndexOf('/') + 1));
  label.title = name;
  const after = large?.bytes ?? 0;
  const sizes = textIn('span', 'sizes figures', `${bytes(before)} → ${bytes(after)} `);
  if (after < before) sizes.append(textIn('b', '', `−${Math.round((1 - after / before) * 100)} %`));
  link.append(image, label, sizes);
  card.append(link);
  if (results.length > 1) card.append(renditionLinks(results));
  return card;
}

/** A link to each result, with its size. */
function renditionLinks(results: NonNullable<BatchObject['results']>): HTMLElement {
  const all = textIn('span', 'renditions', '');
  for (const { rendition, key, bytes: size } of results) {
    const link = document.createElement('a');
    link.target = '_blank';
    link.rel = 'noopener';
    link.href = api.addressOf('getResult', { key });
    link.textContent = `${rendition} (${bytes(size)})`;
    all.append(link);
  }
  return all;
}
