import { CloudWatchClient, type GetMetricDataCommandInput } from '@aws-sdk/client-cloudwatch';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { createCloudWatch } from '../../src/api/cloudwatch.ts';

type Answer = (command: string, input: object) => object | Promise<object>;

/** A client whose requests are answered in-process. */
function clientThat(answer: Answer): CloudWatchClient {
  const client = new CloudWatchClient({
    region: 'us-east-1',
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
  });
  client.middlewareStack.add(
    (_next, { commandName = '' }) =>
      async (args) => ({
        output: { $metadata: {}, ...(await answer(commandName, args.input)) },
        response: undefined,
      }),
    { step: 'initialize' },
  );
  return client;
}

const create = (answer: Answer) =>
  createCloudWatch({
    workerFunction: 'stack-worker',
    deadLetterAlarm: 'stack-dead-letters',
    createClient: () => Promise.resolve(clientThat(answer)),
  });

describe("the worker's activity in CloudWatch", () => {
  it("is queried by the worker's metric names, and returned as sixty minutes without gaps", async () => {
    let asked: GetMetricDataCommandInput | undefined;
    const { readMinutes } = create((_command, input) => {
      asked = input as GetMetricDataCommandInput;
      const minute = (index: number) => new Date((asked?.StartTime?.getTime() ?? 0) + index * 60_000);
      return {
        MetricDataResults: [
          { Id: 'converted', Timestamps: [minute(59), minute(0)], Values: [7, 3] },
          { Id: 'failed', Timestamps: [minute(59)], Values: [2] },
          { Id: 'rejected', Timestamps: [], Values: [] },
        ],
      };
    });
    const minutes = await readMinutes();
    expect(asked?.MetricDataQueries?.map(({ MetricStat }) => MetricStat)).toEqual(
      ['Converted', 'Rejected', 'Failed'].map((MetricName) => ({
        Metric: {
          Namespace: 'Millrace',
          MetricName,
          Dimensions: [{ Name: 'service', Value: 'stack-worker' }],
        },
        Period: 60,
        Stat: 'Sum',
      })),
    );
    expect(minutes).toHaveLength(60);
    expect(minutes[0]).toEqual({
      at: asked?.StartTime?.toISOString(),
      converted: 3,
      rejected: 0,
      failed: 0,
    });
    expect(minutes[59]).toMatchObject({ converted: 7, rejected: 0, failed: 2 });
  });

  it('is of the last sixty minutes, including the current one, and of no other', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: new Date('2026-11-28T12:00:30Z') });
    onTestFinished(() => void vi.useRealTimers());
    let asked: GetMetricDataCommandInput | undefined;
    const times = ['2026-11-28T11:00:00Z', '2026-11-28T11:02:00Z', '2026-11-28T12:01:00Z'];
    const { readMinutes } = create((_command, input) => {
      asked = input as GetMetricDataCommandInput;
      const Timestamps = times.map((time) => new Date(time));
      return { MetricDataResults: [{ Id: 'converted', Timestamps, Values: [1, 2, 4] }] };
    });
    const minutes = await readMinutes();
    expect(asked?.StartTime?.toISOString()).toBe('2026-11-28T11:01:00.000Z');
    expect(asked?.EndTime?.toISOString()).toBe('2026-11-28T12:01:00.000Z');
    expect(minutes[1]).toMatchObject({ at: '2026-11-28T11:02:00.000Z', converted: 2 });
    expect(minutes.at(-1)?.at).toBe('2026-11-28T12:00:00.000Z');
    expect(minutes.reduce((sum, { converted }) => sum + converted, 0)).toBe(2);
  });

  it('is requested again after half a minute, because each request costs money', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    onTestFinished(() => void vi.useRealTimers());
    let asked = 0;
    const { readMinutes } = create(() => {
      asked += 1;
      return {};
    });
    await readMinutes();
    vi.advanceTimersByTime(29_999);
    await readMinutes();
    expect(asked).toBe(1);
    vi.advanceTimersByTime(1);
    await readMinutes();
    expect(asked).toBe(2);
  });

  it('is requested once for any number of pages, and again after a failure', async () => {
    let asked = 0;
    const { readMinutes } = create(() => {
      asked += 1;
      if (asked === 1) throw new Error('throttled');
      return { MetricDataResults: [] };
    });
    await expect(readMinutes()).rejects.toThrow('throttled');
    await Promise.all([readMinutes(), readMinutes()]);
    await readMinutes();
    expect(asked).toBe(2);
  });

  it('is not requested again because an older request failed late', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    onTestFinished(() => void vi.useRealTimers());
    let failLate = (_error: Error): void => undefined;
    const older = new Promise<object>((_, reject) => (failLate = reject));
    let asked = 0;
    const { readMinutes } = create(() => {
      asked += 1;
      return asked === 1 ? older : {};
    });
    const late = readMinutes();
    vi.advanceTimersByTime(30_000);
    await readMinutes();
    failLate(new Error('throttled'));
    await expect(late).rejects.toThrow('throttled');
    await readMinutes();
    expect(asked).toBe(2);
  });

  it.each([
    ['ALARM', 'alarm'],
    ['OK', 'ok'],
    ['INSUFFICIENT_DATA', 'insufficient data'],
  ])('reports the alarm state %s as %s', async (StateValue, state) => {
    const { readAlarm } = create((_command, input) => {
      expect(input).toEqual({ AlarmNames: ['stack-dead-letters'] });
      return { MetricAlarms: [{ StateValue }] };
    });
    expect(await readAlarm()).toBe(state);
  });

  it('reports no state of an alarm that was deleted', async () => {
    expect(await create(() => ({ MetricAlarms: [] })).readAlarm()).toBeUndefined();
    expect(await create(() => ({})).readAlarm()).toBeUndefined();
  });

  it('does not include alarms that the deployment does not have', async () => {
    const { readAlarm } = createCloudWatch({ workerFunction: 'w' });
    expect(await readAlarm()).toBeUndefined();
  });
});
