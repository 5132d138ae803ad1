import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { watchFailures } from '../../../src/cli/convert/watch-failures.ts';
import { dirtyMessage } from '../../../src/core/notification.ts';
import { eventually } from '../../support/eventually.ts';
import { failing } from '../../support/failing.ts';
import { letterOf, opsOf, sendAll } from '../../support/ops.ts';
import { countMessages } from '../../support/pipeline.ts';
import { storeReport } from '../../support/stored.ts';
import { startBench, type Bench } from '../../support/worker.ts';

let bench: Bench;
let failed: unknown[];
let abandoned: unknown[];
let stop: (() => Promise<void>) | undefined;
beforeEach(async () => {
  bench = await startBench();
  [failed, abandoned, stop] = [[], [], undefined];
});
afterEach(async () => {
  await stop?.();
  await bench.stop();
});

/** Watches with the conversion queue for the events of reports. */
function watch(): void {
  const { uploadBuckets, resultBucket, failureBucket } = opsOf(bench).deployment;
  stop = watchFailures({
    s3: bench.s3,
    sqs: bench.sqs,
    completions: bench.conversion,
    buckets: { uploadBuckets, resultBucket, failureBucket },
    deadLetterQueue: bench.resources.deadLetterQueue.url,
    files: {
      fail: (...failure) => void failed.push(failure),
      abandon: (error) => void abandoned.push(error),
    },
  });
}

const send = (MessageBody: string) =>
  bench.sqs.send(new SendMessageCommand({ QueueUrl: bench.resources.conversionQueue.url, MessageBody }));
const stored = (bucket: string, key: string) => send(dirtyMessage({ bucket, key }));
const someFailed = (number: number) => eventually('they fail', async () => failed.length === number);

describe('a file of a private pipeline', () => {
  it('fails with the reason in its report', async () => {
    for (const key of ['a.jpg', 'b.jpg'])
      await storeReport(bench.s3, { bucket: 'uploads', key }, key, { message: `broken ${key}` });
    watch();
    await send('{"Service":"Amazon S3","Event":"s3:TestEvent","Bucket":"failures"}');
    await stored('results', 'a.jpg');
    await stored('failures', 'b.jpg');
    await someFailed(1);
    expect(failed).toEqual([['b.jpg', 'image.corrupt', 'broken b.jpg']]);
    await eventually(
      'the events are deleted',
      async () => (await countMessages(bench.sqs, bench.resources.conversionQueue.url)) === 0,
    );
  });

  it('does not fail because of the report of an attempt that may succeed later', async () => {
    await storeReport(bench.s3, { bucket: 'uploads', key: 'a.jpg' }, 'a.jpg', { status: 'attempting' });
    await storeReport(bench.s3, { bucket: 'uploads', key: 'b.jpg' });
    watch();
    await stored('failures', 'a.jpg');
    await stored('failures', 'b.jpg');
    await someFailed(1);
    expect(failed).toEqual([['b.jpg', 'image.corrupt', 'm']]);
  });

  it('fails with the reason of its dead letter, which is deleted', async () => {
    const queue = bench.resources.deadLetterQueue.url;
    watch();
    await sendAll(bench, queue, [letterOf('a.jpg', 'process.died'), letterOf('b.jpg', 'image.corrupt')]);
    await someFailed(2);
    expect(failed).toEqual(
      expect.arrayContaining([
        ['a.jpg', 'process.died', 'because of process.died'],
        ['b.jpg', 'image.corrupt', 'because of image.corrupt'],
      ]),
    );
    await eventually('they are deleted', async () => (await countMessages(bench.sqs, queue)) === 0);
    expect(abandoned).toEqual([]);
  });

  it('is abandoned if the queue or a report cannot be read', async () => {
    failing(bench.sqs, 'ReceiveMessageCommand', new Error('no queue'), { times: 1 });
    failing(bench.s3, 'GetObjectCommand', new Error('no report'), { times: 1 });
    watch();
    await stored('failures', 'a.jpg');
    await eventually('both give up', async () => abandoned.length === 2);
    expect(new Set(abandoned.map(String))).toEqual(new Set(['Error: no queue', 'Error: no report']));
  });

  it('is not abandoned because the command ends', async () => {
    watch();
    await stop?.();
    expect([failed, abandoned]).toEqual([[], []]);
  });
});
