import type { Message } from '@aws-sdk/client-sqs';
import { beforeEach, describe, expect, it } from 'vitest';
import { CODES } from '../../../src/core/codes.ts';
import { dirtyMessage } from '../../../src/core/notification.ts';
import { readMessage, withReason } from '../../../src/ops/dead-letters/dead-letter.ts';
import type { DeadLetterContext } from '../../../src/ops/context.ts';
import { fakeS3 } from '../../support/fake-s3.ts';

let { s3, inBucket, requests } = fakeS3(1000);
beforeEach(() => {
  ({ s3, inBucket, requests } = fakeS3(1000));
});

/** Attributes as the worker writes them. */
const BY_WORKER = {
  code: { DataType: 'String', StringValue: 'image.corrupt' },
  message: { DataType: 'String', StringValue: 'it is damaged' },
  attempts: { DataType: 'Number', StringValue: '3' },
};
const BY_SQS = { DeadLetterQueueSourceArn: 'arn:aws:sqs:us-east-1:000000000000:retry' };
const NEVER = { code: 'attempt.never_began', message: CODES['attempt.never_began'].summary, attempts: 0 };

/** Returns the reason for a dead letter about an upload. */
async function reasonOf(message: Message, bucket = 'uploads') {
  const deployment = { uploadBuckets: ['uploads'], failureBucket: 'failures' };
  const received = readMessage({ MessageId: 'm', Body: dirtyMessage({ bucket, key: 'a.jpg' }), ...message });
  const {
    code,
    message: text,
    attempts,
  } = await withReason(received, { s3, deployment } as DeadLetterContext);
  return { code, message: text, attempts };
}

function storeReport(): void {
  const body = JSON.stringify({
    version: 1,
    status: 'attempting',
    code: 'process.died',
    message: 'the process died',
    bucket: 'uploads',
    key: 'a.jpg',
    source: { etag: 'e', versionId: '1', lastModified: '2026-01-01T00:00:00.000Z' },
    recipe: 'r',
    attempt: 5,
    at: '2026-01-01T00:00:00.000Z',
    messageId: 'm',
    requestId: 'r',
    logGroup: 'g',
    logStream: 's',
  });
  inBucket('failures').set('a.jpg', { at: 0, etag: '"r"', body });
}

describe('the reason for a dead letter', () => {
  it('is what the worker wrote when it sent it, without a request', async () => {
    expect(await reasonOf({ MessageAttributes: BY_WORKER })).toEqual({
      code: 'image.corrupt',
      message: 'it is damaged',
      attempts: 3,
    });
    expect(await reasonOf({ MessageAttributes: { ...BY_WORKER, message: { DataType: 'String' } } })).toEqual({
      code: 'image.corrupt',
      message: '',
      attempts: 3,
    });
    expect(requests).toEqual([]);
  });

  it('is in the report of its last attempt if SQS moved it, whatever attributes the message brought', async () => {
    storeReport();
    const last = { code: 'process.died', message: 'the process died', attempts: 5 };
    expect(await reasonOf({ Attributes: BY_SQS, MessageAttributes: BY_WORKER })).toEqual(last);
    expect(await reasonOf({ Attributes: BY_SQS })).toEqual(last);
  });

  it('is in the report if somebody else sent it', async () => {
    storeReport();
    expect(await reasonOf({})).toMatchObject({ code: 'process.died', attempts: 5 });
    expect(await reasonOf({ MessageAttributes: { theirs: BY_WORKER.code } })).toMatchObject({
      code: 'process.died',
    });
  });

  it('is that no attempt began if SQS moved it and there is no report', async () => {
    expect(await reasonOf({ Attributes: BY_SQS, MessageAttributes: BY_WORKER })).toEqual(NEVER);
  });

  it('is not in the report of an object of the same key in a bucket that is not of this pipeline', async () => {
    storeReport();
    expect(await reasonOf({ Attributes: BY_SQS }, 'theirs')).toEqual(NEVER);
    expect(requests).toEqual([]);
  });

  it.each([
    ['is not a notification', 'junk', 'notification.malformed'],
    ['has no body', undefined, 'notification.malformed'],
    // S3 sends it when a notification is configured.
    ['is S3’s test', JSON.stringify({ Service: 'Amazon S3', Event: 's3:TestEvent' }), 'attempt.never_began'],
  ])('of a message that %s names no object', async (_what, Body, code) => {
    const message = readMessage({ MessageId: 'm', Body });
    expect(message.objects).toEqual([]);
    expect(await reasonOf({ Body, Attributes: BY_SQS })).toMatchObject({ code, attempts: 0 });
    expect(requests).toEqual([]);
  });
});
