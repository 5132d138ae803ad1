import type { RedriveRecord, RedriveState } from '../../core/redrive-record.ts';

/** How a redrive ended. */
export interface RedriveEnd {
  state: RedriveState;
  reason?: string;
}

/** What ends a redrive before all is moved and followed: an interruption, or the first reason that it finds itself. */
export interface Stop {
  /** Aborted when nothing more may be moved. */
  readonly signal: AbortSignal;
  /** Stops the redrive, unless it is stopped already. */
  because(state: RedriveState, reason: string): void;
  /** Stops the redrive because of an error, which says why. */
  afterError(): void;
  /** Returns how the redrive ends after its last step, if this many messages could not be moved. */
  end(left: { refused: number; unseen: number }): RedriveEnd;
}

export function createStop(interrupted: AbortSignal): Stop {
  const found = new AbortController();
  const signal = AbortSignal.any([interrupted, found.signal]);
  let end: RedriveEnd | undefined;
  return {
    signal,
    because(state, reason) {
      if (signal.aborted) return;
      end = { state, reason };
      found.abort();
    },
    afterError: () => found.abort(),
    end({ refused, unseen }) {
      if (interrupted.aborted) return { state: 'interrupted', reason: 'interrupted' };
      if (end !== undefined) return end;
      if (refused > 0) return { state: 'stopped', reason: describeRefused(refused) };
      return unseen > 0 ? { state: 'stopped', reason: describeUnseen(unseen) } : { state: 'done' };
    },
  };
}

/**
 * Stops a redrive if more than its share of what has come to an end has failed again.
 * @param share 0 to 1
 * @param fewest ends that say anything about a share
 */
export function stopIfFailing(
  stop: Stop,
  { converted, failedAgain, gone }: RedriveRecord['counts'],
  share: number,
  fewest: number,
): void {
  const ended = converted + failedAgain + gone;
  if (ended < fewest || failedAgain / ended <= share) return;
  const percent = Math.round((100 * failedAgain) / ended);
  stop.because(
    'stopped',
    `${failedAgain} of ${ended} (${percent} %) failed again, more than ${Math.round(share * 100)} %`,
  );
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
