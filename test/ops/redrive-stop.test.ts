import { describe, expect, it } from 'vitest';
import { createStop, stopIfFailing } from '../../src/ops/redrive/stop.ts';

const NOTHING_LEFT = { refused: 0, unseen: 0 };
const running = () => createStop(new AbortController().signal);

describe('a redrive', () => {
  it('that nothing stopped is done', () => {
    const stop = running();
    expect(stop.signal.aborted).toBe(false);
    expect(stop.end(NOTHING_LEFT)).toEqual({ state: 'done' });
  });

  it('moves no more once there is a reason to stop, and gives the first', () => {
    const stop = running();
    stop.because('stopped', 'the first');
    stop.because('cancelled', 'the second');
    expect(stop.signal.aborted).toBe(true);
    expect(stop.end({ refused: 1, unseen: 1 })).toEqual({ state: 'stopped', reason: 'the first' });
  });

  it('that is interrupted says so, even if it had a reason to stop before', () => {
    const interrupted = new AbortController();
    const stop = createStop(interrupted.signal);
    stop.because('stopped', 'a reason');
    interrupted.abort();
    expect(stop.end(NOTHING_LEFT)).toEqual({ state: 'interrupted', reason: 'interrupted' });
  });

  it('has no reason of its own after an interruption', () => {
    const interrupted = new AbortController();
    const stop = createStop(interrupted.signal);
    interrupted.abort();
    expect(stop.signal.aborted).toBe(true);
    stop.because('stopped', 'a reason');
    expect(stop.end(NOTHING_LEFT).state).toBe('interrupted');
  });

  it('moves no more after an error', () => {
    const stop = running();
    stop.afterError();
    expect(stop.signal.aborted).toBe(true);
  });

  it.each([
    [{ refused: 1, unseen: 0 }, 'SQS refused 1 message, which stays in its queue'],
    [{ refused: 2, unseen: 3 }, 'SQS refused 2 messages, which stay in their queue'],
    [{ refused: 0, unseen: 1 }, 'another reader kept 1 dead letter hidden; run the redrive again'],
    [{ refused: 0, unseen: 2 }, 'other readers kept 2 dead letters hidden; run the redrive again'],
  ])('that could not move %j is not done: %s', (left, reason) => {
    expect(running().end(left)).toEqual({ state: 'stopped', reason });
  });
});

describe('the breaker of a redrive', () => {
  const stopped = (
    counts: { converted?: number; failedAgain?: number; gone?: number },
    share: number,
    fewest = 5,
  ) => {
    const stop = running();
    const none = { moved: 0, converted: 0, failedAgain: 0, gone: 0, pending: 0 };
    stopIfFailing(stop, { ...none, ...counts }, share, fewest);
    return stop.end(NOTHING_LEFT);
  };

  it('stops it above the allowed share, and not at it', () => {
    expect(stopped({ converted: 4, failedAgain: 1 }, 0.2)).toEqual({ state: 'done' });
    expect(stopped({ converted: 3, failedAgain: 2 }, 0.2)).toEqual({
      state: 'stopped',
      reason: '2 of 5 (40 %) failed again, more than 20 %',
    });
  });

  it('counts deleted sources as outcomes', () => {
    expect(stopped({ gone: 4, failedAgain: 1 }, 0.2)).toEqual({ state: 'done' });
    expect(stopped({ gone: 2, converted: 1, failedAgain: 3 }, 0.495)).toEqual({
      state: 'stopped',
      reason: '3 of 6 (50 %) failed again, more than 50 %',
    });
  });

  it('waits for enough outcomes', () => {
    expect(stopped({ failedAgain: 4 }, 0.2)).toEqual({ state: 'done' });
    expect(stopped({ failedAgain: 5 }, 0.2)).toEqual({
      state: 'stopped',
      reason: '5 of 5 (100 %) failed again, more than 20 %',
    });
    expect(stopped({ failedAgain: 1 }, 0, 1)).toEqual({
      state: 'stopped',
      reason: '1 of 1 (100 %) failed again, more than 0 %',
    });
  });

  it('never stops it if all may fail again', () => {
    expect(stopped({ failedAgain: 100 }, 1)).toEqual({ state: 'done' });
  });
});
