import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startLocalAws, type LocalAws } from '../src/aws.ts';
import { chunkedBody } from '../../../test/support/chunked-body.ts';
import { inTime } from '../../../test/support/eventually.ts';
import { cases, fc } from '../../../test/support/fuzz.ts';

/** More than SQS and DynamoDB accept (4 MiB). */
const TOO_LARGE = 5_000_000;

let folder: string;
let aws: LocalAws;
const bugs: unknown[] = [];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-test-'));
  aws = await startLocalAws({ port: 0, folder, keep: false, onError: (error) => void bugs.push(error) });
});
afterAll(async () => {
  await aws.stop();
  await rm(folder, { recursive: true, force: true });
});

const send = (url: string, body: ReadableStream, headers: Record<string, string>) =>
  inTime('the server responds', fetch(url, { method: 'POST', body, headers, duplex: 'half' }));
const pieces = fc.integer({ min: 5000, max: 500_000 });

describe('a body without a declared length', () => {
  it.each(['SendMessage', 'SendMessageBatch', 'ReceiveMessage', 'CreateQueue'])(
    "is refused by SQS's %s with the protocol's own error",
    async (action) => {
      const headers = { 'x-amz-target': `AmazonSQS.${action}`, 'content-type': 'application/x-amz-json-1.0' };
      await fc.assert(
        fc.asyncProperty(pieces, async (piece) => {
          const answer = await send(aws.url, chunkedBody(TOO_LARGE, piece), headers);
          expect(answer.status).toBe(413);
          expect(answer.headers.get('x-amzn-query-error')).toBe('RequestEntityTooLarge;Sender');
          expect(await answer.json()).toMatchObject({ __type: 'com.amazonaws.sqs#RequestEntityTooLarge' });
        }),
        // Each smaller example could wait as long.
        { numRuns: cases(3), endOnFailure: true },
      );
      expect(bugs).toEqual([]);
    },
  );

  it('is refused by DynamoDB', async () => {
    const headers = {
      'x-amz-target': 'DynamoDB_20120810.PutItem',
      'content-type': 'application/x-amz-json-1.0',
    };
    const answer = await send(aws.url, chunkedBody(TOO_LARGE, 100_000), headers);
    expect(answer.status).toBe(413);
    expect(await answer.json()).toMatchObject({
      __type: 'com.amazon.coral.service#RequestEntityTooLargeException',
    });
  });
});
