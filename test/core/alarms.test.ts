import { describe, expect, it } from 'vitest';
import { alarmDescription, alarmsOf } from '../../src/core/alarms.ts';
import { SETTINGS } from '../../src/core/settings.ts';
import { TIMING } from '../support/timing.ts';

describe('an alarm', () => {
  it.each(['https://docs.example/ops', 'https://docs.example/ops/'])(
    'links to its heading in the runbook at %s',
    (docs) => {
      const description = alarmDescription('dead-letters', alarmsOf(TIMING)['dead-letters'], docs);
      expect(description).toContain(alarmsOf(TIMING)['dead-letters'].summary);
      expect(description).toMatch(/ https:\/\/docs\.example\/ops\/runbook\.md#dead-letters$/);
    },
  );

  it('fires two days before a dead letter is archived', () => {
    const { threshold, unit } = alarmsOf(TIMING)['dead-letters-expiring'];
    expect(unit).toBe('seconds');
    expect(SETTINGS.archiveAfterSeconds - threshold).toBe(2 * 24 * 60 * 60);
  });

  it("does not fire for a single poison object's batch and attempts", () => {
    expect(alarmsOf(TIMING)['worker-errors'].threshold).toBe(SETTINGS.maxReceiveCount + 1);
  });

  it('fires for a slow worker before its timeout', () => {
    const { threshold, unit } = alarmsOf(TIMING)['worker-slow'];
    expect(unit).toBe('milliseconds');
    expect(threshold).toBeGreaterThan(TIMING.functionTimeoutSeconds * 500);
    expect(threshold).toBeLessThan(TIMING.functionTimeoutSeconds * 1000);
  });

  it('waits for a message that killed its process to return before it reports that nothing converts', () => {
    const { periods, periodSeconds } = alarmsOf(TIMING)['nothing-converts'];
    expect((periods - 1) * periodSeconds).toBeGreaterThan(TIMING.visibilityTimeoutSeconds);
  });
});

describe('the alarms', () => {
  const MINUTE = 60;
  const HOUR = 60 * MINUTE;
  const DAY = 24 * HOUR;

  // As in the runbook, for the default recipe.
  it.each([
    ['dead-letters', 'the first dead letter', 0, 'messages', MINUTE],
    ['dead-letters-expiring', 'dead letters of ten days', 10 * DAY, 'seconds', 2 * HOUR],
    ['dead-letters-archived', 'the first archived dead letter', 0, 'messages', HOUR],
    ['guard-errors', 'the first failure', 0, 'invocations', HOUR],
    ['reconcile-errors', 'the first failure, until the next daily run', 0, 'invocations', DAY],
    ['reconcile-found', 'finds on three days in a row', 0, 'uploads', 3 * DAY],
    ['conversion-backlog', 'an upload that waits for an hour', HOUR, 'seconds', 5 * MINUTE],
    ['retry-backlog', 'a message that waits for two hours', 2 * HOUR, 'seconds', 5 * MINUTE],
    ['worker-errors', 'more errors than one poison object makes', 6, 'invocations', 5 * MINUTE],
    ['worker-throttles', 'a quarter of an hour without concurrency', 0, 'invocations', 15 * MINUTE],
    ['worker-slow', 'work that reaches the timeout', 117_999, 'milliseconds', 15 * MINUTE],
    ['api-errors', 'more than five responses in five minutes', 5, 'responses', 5 * MINUTE],
    ['nothing-converts', '25 minutes without a conversion', 0, 'periods', 25 * MINUTE],
  ] as const)('%s fires for %s', (id, _what, threshold, unit, seconds) => {
    const alarm = alarmsOf(TIMING)[id];
    expect(alarm).toMatchObject({ threshold, unit });
    expect(alarm.periods * alarm.periodSeconds).toBe(seconds);
  });
});

describe('message retention', () => {
  const DAY = 86_400;

  it('dead letters are kept longer than messages in the other queues, and archived before they expire', () => {
    expect(SETTINGS.queueRetentionSeconds).toBe(4 * DAY);
    expect(SETTINGS.deadLetterRetentionSeconds).toBe(14 * DAY);
    expect(SETTINGS.archiveAfterSeconds).toBe(12 * DAY);
  });
});
