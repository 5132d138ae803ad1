import type { Redrive } from '../../contract/types.ts';
import { element, write } from '../shared/dom.ts';
import { describe } from './redrives.ts';
import { isRunning } from './watch.ts';

/** Milliseconds between two announcements to a screen reader. */
const EVERY = 5000;

/** Announces a redrive's progress to screen readers, rarely enough to be read completely, and always its end. */
export function createAnnouncer(): (redrives: readonly Redrive[]) => void {
  let followed: string | undefined;
  let announcedAt = 0;

  return (redrives) => {
    const running = redrives.find(isRunning);
    const ended = running === undefined ? redrives.find(({ id }) => id === followed) : undefined;
    const redrive = running ?? ended;
    followed = running?.id;
    if (redrive === undefined) return;
    if (ended === undefined && performance.now() - announcedAt < EVERY) return;
    announcedAt = performance.now();
    const end = ended === undefined ? '' : ` Ended: ${ended.state}. ${ended.reason ?? ''}`;
    write(element('announce'), `Redrive: ${describe(redrive)}.${end}`);
  };
}
