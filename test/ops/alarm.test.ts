import type { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { expect, it } from 'vitest';
import { readCloudWatchAlarm } from '../../src/ops/alarm.ts';
import { currentUser } from '../../src/ops/current-user.ts';
import { SYSTEM_TIME } from '../../src/ops/time.ts';

it.each([
  ['in alarm', { MetricAlarms: [{ StateValue: 'ALARM' }] }, 'alarm'],
  ['fine', { MetricAlarms: [{ StateValue: 'OK' }] }, 'ok'],
  ['without data', { MetricAlarms: [{ StateValue: 'INSUFFICIENT_DATA' }] }, 'insufficient data'],
  ['not there', { MetricAlarms: [] }, undefined],
  ['in no list', {}, undefined],
])('the state of an alarm that is %s', async (_what, answer, expected) => {
  const asked: unknown[] = [];
  const cloudWatch = {
    send: (command: { input: unknown }) => {
      asked.push(command.input);
      return Promise.resolve(answer);
    },
  } as unknown as CloudWatchClient;
  expect(await readCloudWatchAlarm(cloudWatch, 'dead-letters')).toBe(expected);
  expect(asked).toEqual([{ AlarmNames: ['dead-letters'] }]);
});

it('the record names a user and a machine', () => {
  expect(currentUser()).toMatch(/^[^@\s]+@[^@\s]+$/);
});

it('time passes, and a limit ends a wait', async () => {
  const begin = SYSTEM_TIME.now();
  await SYSTEM_TIME.wait(60_000, SYSTEM_TIME.limit(20));
  const passed = SYSTEM_TIME.now() - begin;
  expect(passed).toBeGreaterThanOrEqual(15);
  expect(passed).toBeLessThan(30_000);
});
