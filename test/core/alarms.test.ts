import { describe, expect, it } from 'vitest';
import { alarmDescription, alarmsOf } from '../../src/core/alarms.ts';
import { SETTINGS } from '../../src/core/settings.ts';
import { TIMING } from '../support/timing.ts';

const ALARMS = alarmsOf(TIMING);

describe('an alarm', () => {
  it.each(['https://docs.example/ops', 'https://docs.example/ops/'])(
    'leads to its heading in the runbook below %s',
    (docs) => {
      const description = alarmDescription('dead-letters', ALARMS['dead-letters'], docs);
      expect(description).toContain(ALARMS['dead-letters'].summary);
      expect(description).toMatch(/ https:\/\/docs\.example\/ops\/runbook\.md#dead-letters$/);
    },
  );

  it('rings two days before a dead letter leaves for the archive', () => {
    const { threshold, unit } = ALARMS['dead-letters-expiring'];
    expect(unit).toBe('seconds');
    expect(SETTINGS.archiveAfterSeconds - threshold).toBe(2 * 24 * 60 * 60);
  });

  it('leaves one poison object to the dead letters: a batch and its own attempts do not ring', () => {
    expect(ALARMS['worker-errors'].threshold).toBe(SETTINGS.maxReceiveCount + 1);
  });

  it('rings for a slow worker before its timeout ends it', () => {
    const { threshold, unit } = ALARMS['worker-slow'];
    expect(unit).toBe('milliseconds');
    expect(threshold).toBeGreaterThan(TIMING.functionTimeoutSeconds * 500);
    expect(threshold).toBeLessThan(TIMING.functionTimeoutSeconds * 1000);
  });

  it('lets a message that killed its process come back before it says that nothing converts', () => {
    const { periods, periodSeconds } = ALARMS['nothing-converts'];
    expect((periods - 1) * periodSeconds).toBeGreaterThan(TIMING.visibilityTimeoutSeconds);
  });
});

describe('the time that a message has', () => {
  const DAY = 86_400;

  it('a dead letter outlives the messages of the other queues, is archived before it expires', () => {
    expect(SETTINGS.queueRetentionSeconds).toBe(4 * DAY);
    expect(SETTINGS.deadLetterRetentionSeconds).toBe(14 * DAY);
    expect(SETTINGS.archiveAfterSeconds).toBe(12 * DAY);
  });
});
