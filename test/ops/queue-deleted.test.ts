import { SQSClient, type SendMessageBatchCommandInput } from '@aws-sdk/client-sqs';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Deployment } from '../../src/core/deployment.ts';
import { resultKey } from '../../src/core/result-keys.ts';
import { sourceNameOf, writeResultMetadata } from '../../src/core/result-metadata.ts';
import type { OpsContext } from '../../src/ops/context.ts';
import { queueDeleted } from '../../src/ops/queue-deleted.ts';
import { answering } from '../support/answering.ts';
import { fakeS3 } from '../support/fake-s3.ts';

const never = new AbortController().signal;
const deployment = {
  uploadBuckets: ['scans', 'uploads'],
  resultBucket: 'results',
  failureBucket: 'failures',
  conversionQueueUrl: 'https://sqs.example/conversion',
  renditions: ['large', 'thumb'],
  whenDeleted: 'delete',
} as unknown as Deployment;

let s3: ReturnType<typeof fakeS3>;
let ops: OpsContext;
/** The queued uploads, such as `uploads/a.jpg`. */
let queued: string[];
beforeEach(() => {
  s3 = fakeS3(2);
  queued = [];
  const sqs = new SQSClient({ region: 'us-east-1', credentials: { accessKeyId: 'a', secretAccessKey: 'b' } });
  answering(sqs, {
    SendMessageBatchCommand({ Entries = [] }: SendMessageBatchCommandInput) {
      for (const { MessageBody = '' } of Entries) {
        const { bucket, key } = JSON.parse(MessageBody) as { bucket: string; key: string };
        queued.push(`${bucket}/${key}`);
      }
      return { Successful: Entries.map(({ Id }) => ({ Id })) };
    },
  });
  ops = { s3: s3.s3, sqs, deployment };
});

const store = (bucket: string, key: string) => s3.inBucket(bucket).set(key, { at: 0, etag: '"e"' });

/** Stores an upload's results. */
function convert(bucket: string, key: string): void {
  for (const rendition of deployment.renditions) {
    const metadata = writeResultMetadata({
      sourceName: sourceNameOf({ bucket, key }),
      sourceEtag: 'e',
      recipe: 'r',
      generation: 1,
      stamp: 's',
      rendition,
      width: 1,
      height: 1,
    });
    s3.inBucket('results').set(resultKey({ bucket, key }, rendition, deployment), {
      at: 0,
      etag: '"r"',
      metadata,
    });
  }
}

/** A signal that is aborted after it was read this often. */
function abortedAfter(reads: number): AbortSignal {
  let left = reads;
  return {
    get aborted() {
      return (left -= 1) < 0;
    },
  } as AbortSignal;
}

describe('the search for deleted uploads', () => {
  it('queues each deleted upload once, in every bucket', async () => {
    for (const [bucket, key] of [
      ['scans', 'a'],
      ['uploads', 'a'],
      ['uploads', 'b'],
      ['scans', 'c'],
    ] as const)
      convert(bucket, key);
    store('scans', 'c');
    store('uploads', 'd');
    expect(await queueDeleted(ops, { stop: never })).toEqual({ queued: 3 });
    expect(queued).toEqual(['scans/a', 'uploads/a', 'uploads/b']);
  });

  it('queues nothing if results are kept', async () => {
    convert('uploads', 'a');
    const kept = { ...ops, deployment: { ...deployment, whenDeleted: 'keep' as const } };
    expect(await queueDeleted(kept, { stop: never })).toEqual({ queued: 0 });
    expect(s3.requests).toEqual([]);
  });

  it('does not stop between buckets within a key, because it would continue after all of them', async () => {
    for (const bucket of deployment.uploadBuckets) for (const key of ['a', 'b']) convert(bucket, key);
    expect(await queueDeleted(ops, { stop: abortedAfter(1) })).toEqual({ queued: 2, goOnAfter: 'a' });
    expect(queued).toEqual(['scans/a', 'uploads/a']);
    expect(await queueDeleted(ops, { stop: never, after: 'a' })).toEqual({ queued: 2 });
    expect(queued.slice(2)).toEqual(['scans/b', 'uploads/b']);
  });

  it('that is stopped continues after uploads that exist', async () => {
    for (const key of ['a', 'b', 'c']) {
      convert('uploads', key);
      if (key !== 'c') store('uploads', key);
    }
    expect(await queueDeleted(ops, { stop: abortedAfter(2) })).toEqual({ queued: 0, goOnAfter: 'b' });
    expect(await queueDeleted(ops, { stop: never, after: 'b' })).toEqual({ queued: 1 });
  });

  it('that is stopped before it found anything continues from where it began', async () => {
    convert('uploads', 'z');
    const stop = AbortSignal.abort();
    expect(await queueDeleted(ops, { stop, after: 'm' })).toEqual({ queued: 0, goOnAfter: 'm' });
    expect(await queueDeleted(ops, { stop })).toEqual({ queued: 0, goOnAfter: '' });
  });

  it('does not fail if a result or a report is deleted in the meantime', async () => {
    convert('uploads', 'a');
    store('failures', 'uploads/b');
    const gone = {
      send: async (command: { constructor: { name: string } }) => {
        if (!command.constructor.name.startsWith('List'))
          for (const bucket of ['results', 'failures']) s3.inBucket(bucket).clear();
        return s3.s3.send(command as never);
      },
    };
    expect(await queueDeleted({ ...ops, s3: gone as never }, { stop: never })).toEqual({ queued: 0 });
    expect(queued).toEqual([]);
  });
});
