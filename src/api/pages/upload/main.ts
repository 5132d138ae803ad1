import { CODES } from '../../../core/codes.ts';
import { api } from './api.ts';
import { watchBatch, type BatchWatch } from './batch-watch.ts';
import { gatherChosen, gatherDropped, type Gathered } from './gather-files.ts';
import { memory, missingHint } from './memory.ts';
import { createPace } from './pace.ts';
import { createUploads, type Item } from './uploads.ts';
import { element, failureRow, keep, resultCard, write, type Failure } from './view.ts';
import * as words from './words.ts';

const maxBytes = Number(document.querySelector('meta[name=max-upload-bytes]')?.getAttribute('content'));
/** Rows of files that never reached the bucket. */
const MAX_LOCAL_FAILURES = 200;
/** Between two announcements to a screen reader. Milliseconds. */
const ANNOUNCE_EVERY = 5000;

const uploads = createUploads({ onChange: schedule, onSettled: () => watch?.wake() });
const refused: Failure[] = [];
const pace = createPace();
const bytePace = createPace();
let batch = new URL(location.href).searchParams.get('batch') ?? undefined;
let watch: BatchWatch | undefined;
let expected = batch === undefined ? 0 : memory.expected(batch);
let announcedAt = 0;
let notice = '';
let scheduled = false;

if (batch !== undefined) open(batch);
write(element('max-size'), words.bytes(maxBytes));
schedule();

/** However much changes, the page is drawn once a frame. */
function schedule(): void {
  if (scheduled) return;
  scheduled = true;
  requestAnimationFrame(() => {
    scheduled = false;
    draw();
  });
}

function open(id: string): void {
  batch = id;
  const url = new URL(location.href);
  url.searchParams.set('batch', id);
  history.replaceState(undefined, '', url);
  watch = watchBatch(id, isLive, schedule);
  watch.wake();
}

function isUnderWay({ state }: Item): boolean {
  return state === 'waiting' || state === 'sending';
}

function isLive(): boolean {
  return (watch?.seen.counts.pending ?? 0) > 0 || watch?.known === false || uploads.items.some(isUnderWay);
}

async function take(gathering: Promise<Gathered[]> | Gathered[]): Promise<void> {
  try {
    const all = await gathering;
    const good = all.filter(isAcceptable);
    const fresh = batch === undefined ? good : await withoutPresent(good, batch);
    const skipped = good.length - fresh.length;
    notice = skipped > 0 ? `${words.files(skipped)} already there: skipped.` : '';
    if (fresh.length > 0) {
      expected = Math.max(expected, fresh.length + uploads.items.length + (watch?.seen.counts.uploaded ?? 0));
      const id = await uploads.add(fresh, batch);
      if (watch === undefined) open(id);
    }
    if (batch !== undefined) memory.expect(batch, expected);
  } catch (error) {
    notice = error instanceof Error ? error.message : String(error);
  }
  watch?.wake();
  schedule();
}

/** Says at once what neither the storage nor the pipeline would take. */
function isAcceptable({ file, path }: Gathered): boolean {
  const reason =
    file.size > maxBytes
      ? `Too large: ${words.bytes(file.size)}. This pipeline takes ${words.bytes(maxBytes)} at most.`
      : 'Empty: the file has no bytes.';
  if (file.size > 0 && file.size <= maxBytes) return true;
  refused.push({ id: `refused ${path}`, name: path, reason, detail: '' });
  return false;
}

/** Leaves out what the batch has already, by name and size: the same folder can be dropped again after a reload. */
async function withoutPresent(files: readonly Gathered[], id: string): Promise<Gathered[]> {
  const present = new Map(uploads.items.map(({ path, file }) => [path, file.size]));
  let after: string | undefined;
  do {
    const page = await api.objects(id, { limit: '1000', ...(after === undefined ? {} : { after }) });
    for (const { name, bytes } of page.objects) present.set(name, bytes);
    after = page.next;
  } while (after !== undefined);
  return files.filter(({ path, file }) => present.get(path.normalize('NFC')) !== file.size);
}

function failures(): Failure[] {
  const byKey = new Map(uploads.items.map((item) => [item.key, item]));
  const local = uploads.items
    .filter(({ state }) => state === 'failed')
    .slice(0, MAX_LOCAL_FAILURES)
    .map((item): Failure => ({
      id: `upload ${item.key} ${item.reason}`,
      name: item.name,
      reason: 'The upload failed.',
      detail: item.reason,
      retry: () => uploads.retry([item]),
    }));
  const converted = (watch?.seen.failed ?? []).map(({ key, name, reason }): Failure => {
    const code = CODES[reason?.code as keyof typeof CODES] as (typeof CODES)[keyof typeof CODES] | undefined;
    const item = byKey.get(key);
    const failure = {
      id: key,
      name,
      reason: sentence(code?.summary ?? reason?.code ?? 'it failed'),
      detail: reason === undefined ? '' : `${reason.code}: ${reason.message}`,
    };
    const canRetry = item?.state === 'sent' && code?.retryCanHelp === true;
    return canRetry ? { ...failure, retry: () => uploads.retry([item]) } : failure;
  });
  return [...local, ...refused.slice(0, MAX_LOCAL_FAILURES), ...converted];
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

function draw(): void {
  const counts = watch?.seen.counts ?? { uploaded: 0, converted: 0, failed: 0, pending: 0 };
  const waiting = uploads.items.filter(isUnderWay).length;
  const broken = uploads.items.filter(({ state }) => state === 'failed').length;
  const sent = uploads.items.reduce((sum, item) => sum + item.sent, 0);
  const failed = counts.failed + broken + refused.length;
  const total = Math.max(expected, counts.uploaded + waiting + broken) + refused.length;
  const settled = counts.converted + failed;
  const uploading = waiting > 0;

  element('drop').classList.toggle('busy', total > 0);
  element('new-batch').hidden = batch === undefined;
  element('progress').hidden = total === 0;
  const shares = { done: counts.converted, failed, converting: counts.pending, uploading: 0 };
  shares.uploading = Math.max(0, Math.min(waiting, total - settled - counts.pending)) * sentShare();
  for (const [part, count] of Object.entries(shares)) {
    const bar = document.querySelector<HTMLElement>(`[data-part=${part}]`);
    if (bar !== null) bar.style.width = `${total === 0 ? 0 : (count / total) * 100}%`;
  }
  const track = element('track');
  track.ariaValueNow = String(total === 0 ? 0 : Math.floor((settled / total) * 100));
  track.ariaValueText = `${words.number(counts.converted)} of ${words.files(total)} done, ${words.number(failed)} failed`;
  write(element('count-uploaded'), words.number(counts.uploaded));
  write(element('count-expected'), words.number(total));
  write(element('count-converting'), words.number(counts.pending));
  write(element('count-done'), words.number(counts.converted));
  write(element('count-failed'), words.number(failed));
  write(element('pace'), paceText(settled, total, sent, uploading, counts.pending > 0));

  const pause = element('pause');
  pause.hidden = !uploading;
  write(pause, uploads.paused ? 'Resume' : 'Pause');
  element('retry').hidden = broken === 0;

  const missing = uploads.items.length === 0 && watch?.known === true ? expected - counts.uploaded : 0;
  const trouble = watch?.seen.trouble ?? '';
  const said = trouble || notice || (missing > 0 ? missingHint(missing) : '');
  write(element('notice'), said);
  element('notice').hidden = said === '';

  const shown = failures();
  element('failures').hidden = shown.length === 0;
  keep(element('failure-list'), shown, ({ id }) => id, failureRow);
  element('more-failures').hidden = counts.failed <= (watch?.seen.failed.length ?? 0);
  const converted = watch?.seen.converted ?? [];
  element('results').hidden = converted.length === 0;
  keep(element('gallery'), converted, ({ key }) => key, resultCard);
  element('more-results').hidden = counts.converted <= converted.length || converted.length >= 1000;
  announce(total, settled, failed);

  function sentShare(): number {
    const size = uploads.items.filter(isUnderWay).reduce((sum, { file }) => sum + file.size, 0);
    const part = uploads.items.filter(isUnderWay).reduce((sum, item) => sum + item.sent, 0);
    return size === 0 ? 0 : part / size;
  }
}

function paceText(
  settled: number,
  total: number,
  sent: number,
  uploading: boolean,
  converting: boolean,
): string {
  const now = performance.now();
  const rate = pace.note(settled, now);
  const byteRate = bytePace.note(sent, now);
  if (uploading && uploads.paused) return 'Paused';
  if (!uploading && !converting) return settled >= total && total > 0 ? 'Finished' : '';
  const parts = [];
  if (uploading && byteRate > 0) parts.push(`${words.bytes(byteRate)}/s`);
  if (rate > 0) {
    parts.push(`${rate >= 10 ? Math.round(rate) : rate.toFixed(1)} files/s`);
    parts.push(`about ${words.duration((total - settled) / rate)} left`);
  }
  return parts.join(' · ');
}

/** Tells screen readers how it goes, seldom enough to be heard out, and always at the end. */
function announce(total: number, settled: number, failed: number): void {
  const ended = settled >= total;
  if (total === 0 || (!ended && performance.now() - announcedAt < ANNOUNCE_EVERY)) return;
  announcedAt = performance.now();
  const done = `${words.number(settled - failed)} of ${words.files(total)} done`;
  write(element('announce'), `${done}, ${words.number(failed)} failed${ended ? '. Finished.' : '.'}`);
}

function input(id: string): HTMLInputElement {
  const found = element(id);
  if (!(found instanceof HTMLInputElement)) throw new Error(`#${id} is no input`);
  return found;
}

for (const [button, id] of [
  ['choose-files', 'files'],
  ['choose-folder', 'folder'],
] as const) {
  const chooser = input(id);
  element(button).addEventListener('click', () => chooser.click());
  chooser.addEventListener('change', () => {
    void take(gatherChosen(chooser.files ?? new DataTransfer().files));
    // The same files may be chosen again.
    chooser.value = '';
  });
}
element('pause').addEventListener('click', () => uploads.pause(!uploads.paused));
element('retry').addEventListener('click', () => {
  uploads.retry(uploads.items.filter(({ state }) => state === 'failed'));
});
element('new-batch').addEventListener('click', () => location.assign(location.pathname));
element('more-failures').addEventListener('click', () => watch?.more('failed'));
element('more-results').addEventListener('click', () => watch?.more('converted'));

// Files are taken wherever they are dropped: next to the zone, the browser would leave the page for them.
addEventListener('dragover', (event) => {
  event.preventDefault();
  element('drop').classList.add('over');
});
addEventListener('dragleave', (event) => {
  if (event.relatedTarget === null) element('drop').classList.remove('over');
});
addEventListener('drop', (event) => {
  event.preventDefault();
  element('drop').classList.remove('over');
  if (event.dataTransfer !== null) void take(gatherDropped(event.dataTransfer));
});
addEventListener('beforeunload', (event) => {
  if (uploads.items.some(isUnderWay)) event.preventDefault();
});
