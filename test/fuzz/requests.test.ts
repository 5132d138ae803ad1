import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import {
  CreateBucketCommand,
  GetObjectCommand,
  PutObjectCommand,
  PutBucketVersioningCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import {
  CreateQueueCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startLocalAws, type LocalAws } from '@millrace/local-aws';
import { seededRandom } from '@millrace/local-aws/models';
import { localClientConfig } from '@millrace/local-aws/client-config';
import { requestOf } from './requests.ts';
import { cases, FUZZ_SEED } from '../support/fuzz.ts';
import { takesLong } from '../support/takes-long.ts';

takesLong();

const CASES = cases(5_000);
const HANGS_AFTER_MS = 30_000;

let folder: string;
let aws: LocalAws;
let s3: S3Client;
let sqs: SQSClient;
const bugs: unknown[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-fuzz-'));
  aws = await startLocalAws({ port: 0, folder, keep: true, onError: (error) => void bugs.push(error) });
  s3 = new S3Client({ ...localClientConfig(aws.url), forcePathStyle: true });
  sqs = new SQSClient(localClientConfig(aws.url));
});
afterAll(async () => {
  s3.destroy();
  sqs.destroy();
  await aws.stop();
  await rm(folder, { recursive: true });
});

/** Returns the response's status, or 0 if the connection was closed without one. */
function statusOf(request: Buffer, url: URL): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: url.hostname, port: Number(url.port), timeout: HANGS_AFTER_MS });
    socket.once('timeout', () => socket.destroy(new Error('no answer came')));
    socket.once('error', (error: NodeJS.ErrnoException) =>
      // The server may close the connection before it has read a refused body.
      error.code === 'ECONNRESET' || error.code === 'EPIPE' ? resolve(0) : reject(error),
    );
    buffer(socket).then(
      (answer) =>
        resolve(
          Number(
            /^HTTP\/1\.1 (?:100 \S+\r\n\r\nHTTP\/1\.1 )?(\d+)/.exec(answer.toString('latin1'))?.[1] ?? 0,
          ),
        ),
      () => resolve(0),
    );
    socket.end(request);
  });
}

it(`answers ${CASES.toLocaleString('en')} malformed requests as AWS does, and loses nothing`, async () => {
  const kept = { Bucket: 'kept', Key: 'a' };
  await s3.send(new CreateBucketCommand({ Bucket: 'kept' }));
  await s3.send(new CreateBucketCommand({ Bucket: 'fuzz' }));
  await s3.send(
    new PutBucketVersioningCommand({ Bucket: 'fuzz', VersioningConfiguration: { Status: 'Enabled' } }),
  );
  await s3.send(new PutObjectCommand({ Bucket: 'fuzz', Key: 'a', Body: 'content' }));
  await s3.send(new PutObjectCommand({ ...kept, Body: 'still here' }));
  const { QueueUrl: fuzzed = '' } = await sqs.send(new CreateQueueCommand({ QueueName: 'fuzz' }));
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'kept' }));
  await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'still here' }));

  const statuses = new Map<number, number>();
  const url = new URL(aws.url);
  for (let seed = FUZZ_SEED; seed < FUZZ_SEED + CASES; seed += 1) {
    const request = requestOf(seededRandom(seed), fuzzed);
    const status = await statusOf(request, url);
    const text = () => `case ${seed}: ${request.toString().slice(0, 600)}`;
    expect(bugs, text()).toEqual([]);
    expect(status === 501 || status < 500, `${text()}\nwas answered ${status}`).toBe(true);
    statuses.set(status, (statuses.get(status) ?? 0) + 1);
  }
  // Some succeed and some are refused; if the server treated all alike, nothing would have been tested.
  for (const status of [200, 400, 404, 501]) expect(statuses.get(status)).toBeGreaterThan(CASES / 100);

  expect(await (await s3.send(new GetObjectCommand(kept))).Body?.transformToString()).toBe('still here');
  const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl }));
  expect(Messages?.map(({ Body }) => Body)).toEqual(['still here']);
});
