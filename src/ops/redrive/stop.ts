import type { RedriveRecord, RedriveState } from '../../core/redrive-record.ts';

/** How a redrive ended. */
export interface RedriveEnd {
  state: RedriveState;
  reason?: string;
}

/** Ends a redrive early: by an interruption, or for the first reason that one of its steps finds. */
export interface Stop {
  /** Aborted when no more messages may be moved. */
  readonly signal: AbortSignal;
  /** Stops the redrive, unless it has already stopped. */
  because(state: RedriveState, reason: string): void;
  /** Stops the redrive because of an error that is reported elsewhere. */
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
 * Stops a redrive if more than this share of the objects with an outcome has failed again.
 * @param share 0 to 1
 * @param fewest outcomes needed before the share is meaningful
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
    ? 'SQS refused 1 message, which stays in its queue'
    : `SQS refused ${count} messages, which stay in their queue`;
}

function describeUnseen(count: number): string {
  return count === 1
    ? 'another reader kept 1 dead letter hidden; run the redrive again'
    : `other readers kept ${count} dead letters hidden; run the redrive again`;
}
