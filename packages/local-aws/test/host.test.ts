import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startLocalAws, type LocalAws } from '../src/aws.ts';

let folder: string;
let aws: LocalAws;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-test-'));
  const onError = (error: unknown) => expect(error).toBeUndefined();
  aws = await startLocalAws({ port: 0, folder, keep: false, onError });
});
afterAll(async () => {
  await aws.stop();
  await rm(folder, { recursive: true, force: true });
});

async function statusFor(host: string, headers: Record<string, string> = {}): Promise<number | undefined> {
  const sent = request(aws.url, { method: 'POST', headers: { ...headers, host } });
  sent.end();
  const [answer] = (await once(sent, 'response')) as [IncomingMessage];
  answer.resume();
  return answer.statusCode;
}

it.each(['evil.example', 'evil.example:4801', '127.0.0.1.evil.example', 'localhost.evil.example'])(
  'S3, SQS and DynamoDB refuse other host names for this machine, such as %s',
  async (host) => {
    for (const target of ['', 'AmazonSQS.PurgeQueue', 'DynamoDB_20120810.ListTables'])
      expect(await statusFor(host, target === '' ? {} : { 'x-amz-target': target })).toBe(403);
  },
);

it.each(['127.0.0.1:4801', 'localhost', '[::1]:4801', 'uploads.localhost:4801'])(
  'they accept %s',
  async (host) => {
    const list = { 'x-amz-target': 'AmazonSQS.ListQueues', 'content-type': 'application/x-amz-json-1.0' };
    expect(await statusFor(host, list)).not.toBe(403);
  },
);
