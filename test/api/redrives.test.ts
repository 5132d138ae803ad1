import { PutObjectCommand } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { describe, expect, it } from 'vitest';
import type { AuditEntry } from '../../src/api/deps.ts';
import { answering } from '../support/answering.ts';
import { apiInProcess } from './in-process.ts';

const ID = '2026-01-01T00-00-00-000Z-0123456789ab';

/** The API with the move tasks of the dead-letter queue. */
function apiWith(tasks: object[]) {
  const audited: AuditEntry[] = [];
  const cancelled: unknown[] = [];
  const sqs = new SQSClient({ region: 'us-east-1', credentials: { accessKeyId: 'a', secretAccessKey: 'b' } });
  answering(sqs, {
    GetQueueAttributesCommand: () => ({ Attributes: { QueueArn: 'arn:dead' } }),
    ListMessageMoveTasksCommand: () => ({ Results: tasks }),
    CancelMessageMoveTaskCommand: ({ TaskHandle }: { TaskHandle: string }) => void cancelled.push(TaskHandle),
  });
  const api = apiInProcess({ sqs, callerOf: () => 'arn:me', audit: (entry) => void audited.push(entry) });
  return { ...api, audited, cancelled };
}

describe('a redrive', () => {
  it.each([
    [
      { canary: 5, rate: 50, stopIfFailing: 0.25 },
      'all dead letters, canary 5, 50 per second, stop if 25 % fail',
    ],
    [
      { filter: { code: 'image.corrupt' }, stopIfFailing: 1 },
      'dead letters with code image.corrupt, stop if 100 % fail',
    ],
  ])('is audited before its record is stored: %j', async (order, what) => {
    const { post, s3, audited } = apiWith([]);
    let auditedBefore = 0;
    s3.send = (async (command: unknown) => {
      if (command instanceof PutObjectCommand) auditedBefore = audited.length;
      throw new Error('no space');
    }) as typeof s3.send;
    expect((await post('/ops/redrives', { reason: 'fixed', ...order })).status).toBe(500);
    expect(audited).toEqual([{ action: 'redrive', who: 'arn:me', what, why: 'fixed' }]);
    expect(auditedBefore).toBe(1);
  });

  it('is listed beside the move tasks of SQS', async () => {
    const { request } = apiWith([
      {
        Status: 'RUNNING',
        ApproximateNumberOfMessagesMoved: 3,
        ApproximateNumberOfMessagesToMove: 9,
        TaskHandle: 't',
      },
      { Status: 'FAILED', FailureReason: 'denied' },
    ]);
    expect(await (await request('/ops/redrives')).json()).toEqual({
      redrives: [],
      moveTasks: [
        { status: 'RUNNING', moved: 3, toMove: 9 },
        { status: 'FAILED', moved: 0, toMove: 0, reason: 'denied' },
      ],
    });
  });
});

describe('a redrive that SQS runs', () => {
  const record = {
    version: 1,
    id: ID,
    state: 'handed over',
    who: 'me',
    why: '',
    what: 'all dead letters',
    startedAt: '',
    updatedAt: '',
    cancelRequested: false,
    counts: { moved: 0, converted: 0, failedAgain: 0, gone: 0, pending: 0 },
  };
  const cancel = (api: ReturnType<typeof apiWith>) => {
    const stored = { at: 0, etag: '"e"', body: JSON.stringify(record) };
    api.inBucket('failures').set(`.millrace/redrives/${ID}.json`, stored);
    return api.post(`/ops/redrives/${ID}/cancel`, {});
  };

  it('is cancelled in SQS, and that is audited', async () => {
    const api = apiWith([{ Status: 'RUNNING', TaskHandle: 't' }, { Status: 'COMPLETED' }]);
    expect((await cancel(api)).status).toBe(200);
    expect(api.cancelled).toEqual(['t']);
    expect(api.audited).toEqual([
      { action: 'cancel redrive', who: 'arn:me', what: `${ID}: all dead letters`, why: '' },
    ]);
  });

  it('cannot be cancelled once it is over', async () => {
    const api = apiWith([{ Status: 'COMPLETED' }]);
    const answer = await cancel(api);
    expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([409, 'redrive.ended']);
    expect(api.cancelled).toEqual([]);
  });
});
