import { defined } from '../../core/defined.ts';
import { timeOf } from '../context.ts';
import { createPace } from '../pace.ts';
import { followUntilDone, type Followed } from './follow.ts';
import type { Redrive } from './redrive.ts';
import { stopIfFailing } from './stop.ts';

const POLL_MILLISECONDS = 500;
/** Outcomes needed before the failure share is meaningful. */
const FEWEST_ENDS = 5;

/** Moves the canary and follows it. Stops the redrive if too many fail again or some have no outcome. */
export async function moveCanary(redrive: Redrive): Promise<void> {
  const { request, stop, follower, counts } = redrive;
  if (request.canary === undefined || redrive.canaryOver) return;
  // An earlier run may have moved the canary without seeing its outcome.
  if (counts.moved < request.canary) await move(redrive, request.canary - counts.moved);
  if (!stop.signal.aborted) redrive.canaryMovedAt ??= new Date().toISOString();
  await followAll(redrive, redrive.canaryMovedAt);
  redrive.canaryOver = !stop.signal.aborted;
  // A canary is judged from its first outcome.
  stopIfFailing(stop, counts, request.stopIfFailing, 1);
  if (follower.pending() > 0)
    stop.because('stopped', `${follower.pending()} of the canary had no outcome in time`);
}

/** Moves the rest at the requested rate. Stops if too many objects fail again. */
export async function moveRest(redrive: Redrive): Promise<void> {
  const { request, stop, counts } = redrive;
  // If no canary message was found, nothing is known. Messages that arrived since then are for another redrive.
  const canaryIsMissing = request.canary !== undefined && counts.moved === 0;
  if (stop.signal.aborted || redrive.movedAt !== undefined || canaryIsMissing) return;
  const moving = new AbortController();
  const following = redrive.follows ? followWhile(redrive, moving.signal) : Promise.resolve();
  // The error is thrown below. A redrive that cannot see failures must not move more.
  following.catch(() => stop.afterError());
  try {
    await move(redrive);
  } finally {
    moving.abort();
    await following;
  }
  if (!stop.signal.aborted) redrive.movedAt = new Date().toISOString();
}

/** Follows moved objects to their outcome if the request says so. */
export async function followRest(redrive: Redrive): Promise<void> {
  const { request, stop } = redrive;
  if (request.wait && !stop.signal.aborted) await followAll(redrive, redrive.movedAt);
  countPending(redrive);
}

async function move(redrive: Redrive, limit?: number): Promise<void> {
  const { ops, id, request, stop, follower, follows, counts, refused } = redrive;
  const { source, rate } = request;
  const pace = rate === undefined ? undefined : createPace(rate, stop.signal, timeOf(ops));
  await source.move({
    redrive: id,
    ...defined({ limit, pace }),
    stop: stop.signal,
    onRefused: (letterId) => void refused.add(letterId),
    onUnseen: (count) => void (redrive.unseen = count),
    onMoved(letter, newId) {
      counts.moved += 1;
      refused.delete(letter.id);
      if (follows) follower.add(letter, newId);
    },
  });
}

async function followWhile(redrive: Redrive, moved: AbortSignal): Promise<void> {
  const { ops, request, stop, follower, counts } = redrive;
  const over = AbortSignal.any([moved, stop.signal]);
  while (!over.aborted) {
    await timeOf(ops).wait(POLL_MILLISECONDS, over);
    countEnds(redrive, await follower.poll());
    stopIfFailing(stop, counts, request.stopIfFailing, FEWEST_ENDS);
  }
}

/** @param since when this run or an earlier run began to wait */
async function followAll(redrive: Redrive, since: string | undefined): Promise<void> {
  const { ops, request, stop, follower } = redrive;
  const limits: AbortSignal[] = [];
  if (request.timeout !== undefined) {
    const waited = since === undefined ? 0 : Date.now() - Date.parse(since);
    limits.push(timeOf(ops).limit(Math.max(0, request.timeout * 1000 - waited)));
  }
  const over = AbortSignal.any([stop.signal, ...limits]);
  await followUntilDone(ops, follower, (ends) => countEnds(redrive, ends), over);
}

function countEnds(redrive: Redrive, ends: Followed[]): void {
  const { counts, onFollowed } = redrive;
  for (const each of ends) {
    if (each.kind === 'converted') counts.converted += 1;
    else if (each.kind === 'gone') counts.gone += 1;
    else counts.failedAgain += 1;
    onFollowed(each);
  }
  countPending(redrive);
}

function countPending({ counts, follows, follower }: Redrive): void {
  counts.pending = follows ? follower.pending() : counts.moved;
}
