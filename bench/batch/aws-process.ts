/**
 * Runs the local S3, SQS and DynamoDB in a separate process, with AWS's latency for each request, so that their CPU
 * time does not count as the measured process's.
 */
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { eventQueue } from '@millrace/local-aws/lambda';
import { createClock, MACHINE } from '../../packages/local-aws/src/clock.ts';
import { createDynamoHandler } from '../../packages/local-aws/src/dynamo.ts';
import { noJournal } from '../../packages/local-aws/src/journal.ts';
import { openServices, REGION } from '../../packages/local-aws/src/services.ts';
import { makeTemporaryFolder } from '../../packages/local-aws/src/temporary-folder.ts';
import { parseRecipe } from '../../src/core/recipe.ts';
import { BUCKETS, createResources } from '../../src/local/resources.ts';
import { cpuSeconds } from '../frame/usage.ts';
import type { Order, Started, Traffic } from './aws.ts';

const [recipe = '', s3Milliseconds, otherMilliseconds] = process.argv.slice(2);
const folder = await makeTemporaryFolder('millrace-bench-');
const onError = (error: unknown) => process.stderr.write(`${String(error)}\n`);
let url = '';
const services = await openServices({
  journal: noJournal,
  clock: createClock(),
  machine: MACHINE,
  faults: undefined,
  folder: folder.path,
  fsync: false,
  url: () => url,
  onError,
});
const dynamo = createDynamoHandler();
const traffic: Traffic = { requests: {}, bytesRead: 0, cpuSeconds: 0 };
let latencies = { s3: 0, other: 0 };

const server = createServer((req, res) => {
  const target = String(req.headers['x-amz-target'] ?? '');
  const isS3 = target === '';
  count(isS3 ? `S3 ${req.method}` : target.replace(/^.*\./, ''), res);
  const milliseconds = isS3 ? latencies.s3 : latencies.other;
  if (milliseconds === 0) answer(req, res, target);
  else setTimeout(() => answer(req, res, target), milliseconds);
});
server.keepAliveTimeout = 75_000;
server.listen(0, '127.0.0.1');
await once(server, 'listening');
url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
const resources = await createResources(url, parseRecipe(recipe));
latencies = { s3: Number(s3Milliseconds), other: Number(otherMilliseconds) };
const queue = eventQueue(services.sqs, noJournal, resources.conversionQueue.arn, REGION);
// Deletes S3's test message for the new notification configuration.
queue.delete(queue.receive(1));

process.on('message', (order: Order) => void obey(order));
process.on('disconnect', () => process.exit());
process.send?.({ url, resources } satisfies Started);

function answer(req: IncomingMessage, res: ServerResponse, target: string): void {
  const { s3, sqs } = services.handlers;
  const handle = target.startsWith('DynamoDB_') ? dynamo : target === '' ? s3 : sqs;
  handle(req, res).catch(onError);
}

function count(request: string, res: ServerResponse): void {
  traffic.requests[request] = (traffic.requests[request] ?? 0) + 1;
  if (request === 'S3 GET')
    res.once('finish', () => (traffic.bytesRead += Number(res.getHeader('content-length') ?? 0)));
}

async function obey(order: Order): Promise<void> {
  switch (order.kind) {
    case 'upload': {
      for (const file of order.files) {
        const body = createReadStream(join(order.folder, file));
        await services.objects.put(BUCKETS.uploads, `${order.prefix}${file}`, body);
      }
      // A receive returns at most ten messages, as in the longest batch.
      const records = queue.receive(order.files.length);
      if (records.length !== order.files.length)
        throw new Error(`${records.length} messages for ${order.files.length} uploads`);
      queue.delete(records);
      process.send?.(records);
      return;
    }
    case 'traffic':
      process.send?.({ ...traffic, cpuSeconds: cpuSeconds() } satisfies Traffic);
  }
}
