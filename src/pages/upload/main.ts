import { createDrawing } from './draw.ts';
import { gatherChosen, gatherDropped } from './gather-files.ts';
import { createSession, isUnderWay } from './session.ts';
import { onceAFrame } from '../shared/once-a-frame.ts';
import { element, elementOf, write } from '../shared/dom.ts';
import * as words from '../shared/words.ts';

const meta = (name: string) =>
  document.querySelector(`meta[name=${name}]`)?.getAttribute('content') ?? undefined;
const maxBytes = Number(meta('max-upload-bytes'));
const ignore = JSON.parse(meta('ignore') ?? '[]') as string[];
write(element('max-size'), words.bytes(maxBytes));

const schedule = onceAFrame(() => draw());

const session = createSession({ maxBytes, ignore }, schedule);
const { uploads } = session;
const draw = createDrawing(session);
schedule();

for (const [button, id] of [
  ['choose-files', 'files'],
  ['choose-folder', 'folder'],
] as const) {
  const chooser = elementOf(id, HTMLInputElement);
  element(button).addEventListener('click', () => chooser.click());
  chooser.addEventListener('change', () => {
    void session.take(chooser.files === null ? [] : gatherChosen(chooser.files));
    // Allows selecting the same files again.
    chooser.value = '';
  });
}
element('pause').addEventListener('click', () => uploads.pause(!uploads.paused));
element('retry').addEventListener('click', () =>
  uploads.retry(uploads.uploads.filter(({ state }) => state === 'failed')),
);
element('new-batch').addEventListener('click', () => location.assign(location.pathname));
element('more-failures').addEventListener('click', () => session.watch?.more('failed'));
element('more-results').addEventListener('click', () => session.watch?.more('converted'));

// Files can be dropped anywhere: outside the zone, the browser would otherwise open them.
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
  if (event.dataTransfer !== null) void session.take(gatherDropped(event.dataTransfer));
});
// The batch may have changed while the page was hidden or left.
addEventListener('pageshow', ({ persisted }) => persisted && session.watch?.wake());
document.addEventListener('visibilitychange', () => !document.hidden && session.watch?.wake());
addEventListener('beforeunload', (event) => {
  if (uploads.uploads.some(isUnderWay)) event.preventDefault();
});
