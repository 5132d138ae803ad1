import { failuresOf } from './failures.ts';
import { missingHint } from './memory.ts';
import { createPace } from './pace.ts';
import { isUnderWay, type Session } from './session.ts';
import { element, keep, write } from '../shared/dom.ts';
import { failureRow, resultCard } from './view.ts';
import * as words from '../shared/words.ts';

/** Milliseconds between two announcements to a screen reader. */
const ANNOUNCE_EVERY = 5000;
/** Maximum number of cards in the gallery, which is one page of the API. */
const MOST_RESULTS = 1000;

/** The batch's progress. In files, except for `sent`, in bytes. */
interface Progress {
  total: number;
  uploaded: number;
  uploading: number;
  converting: number;
  done: number;
  failed: number;
  sent: number;
}

/** Returns a function that updates the page from the session. */
export function createDrawing(session: Session): () => void {
  const { uploads } = session;
  const pace = createPace();
  const bytePace = createPace();
  let announcedAt = 0;

  return function draw() {
    const progress = measure(session);
    const busy = progress.total > 0;
    element('drop').classList.toggle('busy', busy);
    element('new-batch').hidden = session.watch === undefined;
    element('progress').hidden = !busy;
    drawProgress(progress);
    write(element('pace'), describePace(progress));
    const pause = element('pause');
    pause.hidden = progress.uploading === 0;
    write(pause, uploads.paused ? 'Resume' : 'Pause');
    element('retry').hidden = !uploads.uploads.some(({ state }) => state === 'failed');
    drawNotice();
    drawLists();
    announce(progress);
  };

  function describePace({ total, done, failed, uploading, converting, sent }: Progress): string {
    const now = performance.now();
    const finished = done + failed;
    const rate = pace.note(finished, now);
    const byteRate = bytePace.note(sent, now);
    if (uploading > 0 && uploads.paused) return 'Paused';
    if (uploading === 0 && converting === 0) return finished >= total && total > 0 ? 'Finished' : '';
    const parts = [];
    if (uploading > 0 && byteRate > 0) parts.push(`${words.bytes(byteRate)}/s`);
    if (rate > 0) {
      parts.push(`${rate >= 10 ? Math.round(rate) : rate.toFixed(1)} files/s`);
      parts.push(`about ${words.duration((total - finished) / rate)} left`);
    }
    return parts.join(' · ');
  }

  function drawNotice(): void {
    const missing = session.missing();
    const said = session.watch?.seen.trouble || session.notice || (missing > 0 ? missingHint(missing) : '');
    write(element('notice'), said);
    element('notice').hidden = said === '';
  }

  function drawLists(): void {
    const { counts, failed, converted } = session.watch?.seen ?? {
      counts: undefined,
      failed: [],
      converted: [],
    };
    const failures = failuresOf(session);
    element('failures').hidden = failures.length === 0;
    keep(element('failure-list'), failures, ({ id }) => id, failureRow);
    element('more-failures').hidden = (counts?.failed ?? 0) <= failed.length;
    element('results').hidden = converted.length === 0;
    keep(element('gallery'), converted, ({ key }) => key, resultCard);
    element('more-results').hidden =
      (counts?.converted ?? 0) <= converted.length || converted.length >= MOST_RESULTS;
  }

  /** Announces progress to screen readers, rarely enough to be read completely, and always the end. */
  function announce({ total, done, failed }: Progress): void {
    const ended = done + failed >= total;
    if (total === 0 || (!ended && performance.now() - announcedAt < ANNOUNCE_EVERY)) return;
    announcedAt = performance.now();
    const said = `${words.number(done)} of ${words.files(total)} done, ${words.number(failed)} failed`;
    write(element('announce'), `${said}.${ended ? ' Finished.' : ''}`);
  }
}

function measure({ uploads, refused, watch, expected }: Session): Progress {
  const { uploaded, converted, failed, pending, ignored } = watch?.seen.counts ?? NOTHING;
  let [uploading, broken, sent] = [0, 0, 0];
  for (const item of uploads.uploads) {
    if (isUnderWay(item)) uploading += 1;
    if (item.state === 'failed') broken += 1;
    sent += item.sent;
  }
  return {
    // Ignored files need no action.
    total: Math.max(expected, uploaded + uploading + broken) - ignored + refused.length,
    uploaded: uploaded - ignored,
    uploading,
    converting: pending,
    done: converted,
    failed: failed + broken + refused.length,
    sent,
  };
}

const NOTHING = { uploaded: 0, converted: 0, failed: 0, pending: 0, ignored: 0 };

function drawProgress({ total, uploaded, converting, done, failed }: Progress): void {
  for (const [part, count] of Object.entries({ done, failed, converting })) {
    element(`part-${part}`).style.width = `${total === 0 ? 0 : (count / total) * 100}%`;
    write(element(`count-${part}`), words.number(count));
  }
  write(element('count-uploaded'), words.number(uploaded));
  write(element('count-expected'), words.number(total));
  const track = element('track');
  track.ariaValueNow = String(total === 0 ? 0 : Math.floor(((done + failed) / total) * 100));
  track.ariaValueText = `${words.number(done)} of ${words.files(total)} done, ${words.number(failed)} failed`;
}
