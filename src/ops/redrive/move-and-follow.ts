import { timeOf, type OpsContext } from '../context.ts';
import { createFollower, type Followed } from './follow.ts';
import { createPace } from '../pace.ts';
import type { Progress } from './progress.ts';
import type { RedriveRecord, RedriveState } from './record.ts';
import type { Source } from './source.ts';
import { untilAllEnded } from './until-ended.ts';

export interface MoveRequest {
  source: Source;
  /** Moves so many first, and the rest only when they did not fail again. */
  canary?: number;
  /** Messages a second. */
  rate?: number;
  /** Stops when more than this share of what has come to an end has failed again: 0 to 1. */
  stopIfFailing: number;
  /** Follows each object to its end; else only while others are moved. */
  wait: boolean;
  /** Seconds to wait at the most: for the canary, and once all is moved. */
  timeout?: number;
  /** Where an earlier run of the same redrive stood when it ended. */
  before?: Progress;
}
const LOOK_MILLISECONDS = 500;
/** Fewer ends say nothing about a share. */
const FEWEST_ENDS = 5;

/** How a redrive ended. */
export interface RedriveEnd {
  state: RedriveState;
  reason?: string;
}

/** Moves and follows messages; `counts` is kept up to date, from those of an earlier run on. */
export function createRedrive(
  ops: OpsContext,
  id: string,
  request: MoveRequest,
  stop: AbortSignal,
  counts: RedriveRecord['counts'],
  onFollowed: (followed: Followed) => void,
) {
  const { source, canary, rate, stopIfFailing, wait, before } = request;
  const time = timeOf(ops);
  const follower = createFollower(ops, id, before?.following);
  const halt = new AbortController();
  const stopping = AbortSignal.any([stop, halt.signal]);
  const follows = wait || canary !== undefined || stopIfFailing < 1;
  let end: RedriveEnd = { state: 'done' };
  let canaryOver = before?.canaryOver ?? false;
  let canaryMovedAt = before?.canaryMovedAt;
  let movedAt = before?.movedAt;
  const refused = new Set<string>();
  let unseen = before?.unseen ?? 0;

  function haltWith(state: RedriveState, reason: string): void {
    if (stopping.aborted) return;
    end = { state, reason };
    halt.abort();
  }

  function move(limit?: number): Promise<void> {
    return source.move({
      redrive: id,
      ...(limit === undefined ? {} : { limit }),
      ...(rate === undefined ? {} : { pace: createPace(rate, stopping, time) }),
      stop: stopping,
      onRefused: (letterId) => void refused.add(letterId),
      onUnseen: (count) => void (unseen = count),
      onMoved(letter, newId) {
        counts.moved += 1;
        refused.delete(letter.id);
        if (follows) follower.add(letter, newId);
      },
    });
  }

  function take(ends: Followed[]): void {
    for (const each of ends) {
      if (each.kind === 'converted') counts.converted += 1;
      else if (each.kind === 'gone') counts.gone += 1;
      else counts.failedAgain += 1;
      onFollowed(each);
    }
    countPending();
  }

  function countPending(): void {
    counts.pending = follows ? follower.pending() : counts.moved;
  }

  function breakIfFailing(fewest: number): void {
    const ended = counts.converted + counts.failedAgain + counts.gone;
    if (ended < fewest || counts.failedAgain / ended <= stopIfFailing) return;
    const percent = Math.round((100 * counts.failedAgain) / ended);
    haltWith(
      'stopped',
      `${counts.failedAgain} of ${ended} (${percent} %) failed again, more than ${Math.round(stopIfFailing * 100)} %`,
    );
  }

  async function run(): Promise<RedriveEnd> {
    if (canary !== undefined && !canaryOver) {
      // An earlier run may have moved it and not seen its end.
      if (counts.moved < canary) await move(canary - counts.moved);
      if (!stopping.aborted) canaryMovedAt ??= new Date().toISOString();
      await untilAllEnded(ops, follower, take, AbortSignal.any([stopping, ...timeLimit(canaryMovedAt)]));
      canaryOver = !stopping.aborted;
      // Each of a canary counts, however few they are.
      breakIfFailing(1);
      if (follower.pending() > 0) haltWith('stopped', `${follower.pending()} of the canary came to no end`);
    }
    // Without a canary nothing is known; whatever has come meanwhile is for another redrive.
    const canaryIsMissing = canary !== undefined && counts.moved === 0;
    if (!stopping.aborted && movedAt === undefined && !canaryIsMissing) {
      const moving = new AbortController();
      const following = follows ? whileMoving(moving.signal) : Promise.resolve();
      // Heard at the end; whoever cannot see what fails moves no more.
      following.catch(() => halt.abort());
      try {
        await move();
      } finally {
        moving.abort();
        await following;
      }
      if (!stopping.aborted) movedAt = new Date().toISOString();
    }
    if (wait && !stopping.aborted) {
      await untilAllEnded(ops, follower, take, AbortSignal.any([stopping, ...timeLimit(movedAt)]));
    }
    countPending();
    if (stop.aborted) return { state: 'interrupted', reason: 'interrupted' };
    if (end.state !== 'done') return end;
    if (refusedInAll() > 0) return { state: 'stopped', reason: describeRefused(refusedInAll()) };
    return unseen > 0 ? { state: 'stopped', reason: describeUnseen(unseen) } : end;
  }

  const refusedInAll = () => (before?.refused ?? 0) + refused.size;

  /** @param since when an earlier run, or this one, began to wait */
  function timeLimit(since?: string): AbortSignal[] {
    if (request.timeout === undefined) return [];
    const waited = since === undefined ? 0 : Date.now() - Date.parse(since);
    return [time.limit(Math.max(0, request.timeout * 1000 - waited))];
  }

  async function whileMoving(moved: AbortSignal): Promise<void> {
    while (!moved.aborted && !stopping.aborted) {
      await time.wait(LOOK_MILLISECONDS, AbortSignal.any([moved, stopping]));
      take(await follower.poll());
      breakIfFailing(FEWEST_ENDS);
    }
  }

  return {
    run,
    cancel: () => haltWith('cancelled', 'somebody cancelled it'),
    fail: (reason: string) => haltWith('failed', reason),
    progress: (): Progress => ({
      canaryOver,
      ...(canaryMovedAt === undefined ? {} : { canaryMovedAt }),
      // Until all is moved, the next run meets again what was not.
      ...(movedAt === undefined ? {} : { movedAt, refused: refusedInAll(), unseen }),
      following: follower.following(),
    }),
  };
}

function describeRefused(count: number): string {
  return count === 1
    ? 'SQS refused 1 message, which stays where it was'
    : `SQS refused ${count} messages, which stay where they were`;
}

function describeUnseen(count: number): string {
  return count === 1
    ? 'somebody else was reading 1 dead letter all the time; run the redrive again'
    : `others were reading ${count} dead letters all the time; run the redrive again`;
}
