import { SQSClient } from '@aws-sdk/client-sqs';
import { expect, it } from 'vitest';
import { answering } from '../support/answering.ts';
import { apiInProcess, DEPLOYMENT } from './in-process.ts';

/** SQS's numbers for each queue. */
const NUMBERS: Readonly<Record<string, readonly [visible: number, inFlight: number, delayed: number]>> = {
  [DEPLOYMENT.deadLetterQueueUrl]: [1, 0, 0],
  [DEPLOYMENT.conversionQueueUrl]: [2, 3, 4],
  [DEPLOYMENT.retryQueueUrl]: [5, 6, 7],
};

it('the summary has the numbers of each queue, the last hour and the alarm', async () => {
  const sqs = new SQSClient({ region: 'us-east-1', credentials: { accessKeyId: 'a', secretAccessKey: 'b' } });
  answering(sqs, {
    GetQueueAttributesCommand: ({ QueueUrl }: { QueueUrl: string }) => {
      const [visible, inFlight, delayed] = NUMBERS[QueueUrl] ?? [];
      return {
        Attributes: {
          ApproximateNumberOfMessages: String(visible),
          ApproximateNumberOfMessagesNotVisible: String(inFlight),
          ApproximateNumberOfMessagesDelayed: String(delayed),
          MessageRetentionPeriod: '1209600',
        },
      };
    },
  });
  const minutes = [{ at: '2026-11-28T12:00:00.000Z', converted: 8, rejected: 9, failed: 10 }];
  const { request } = apiInProcess({
    sqs,
    readMinutes: () => Promise.resolve(minutes),
    readAlarm: () => Promise.resolve('alarm'),
  });
  expect(await (await request('/ops/summary')).json()).toEqual({
    deadLetters: 1,
    queueName: 'dead-letters',
    retentionSeconds: 1_209_600,
    queues: {
      conversion: { visible: 2, inFlight: 3, delayed: 4 },
      retry: { visible: 5, inFlight: 6, delayed: 7 },
    },
    minutes,
    alarm: 'alarm',
  });
});
