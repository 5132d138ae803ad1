import { readFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { setImmediate } from 'node:timers/promises';
import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { GetObjectCommand, HeadObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { ListQueuesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { globSync } from 'tinyglobby';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { localClientConfig } from '@millrace/local-aws/client-config';
import { createSdkClient, type RequestLimits } from '../../src/core/sdk-client.ts';
import { eventually } from '../support/eventually.ts';
import { halt, type Halt } from '../support/halting.ts';
import { startTestServer } from '../support/http-server.ts';

const FOREVER = 600_000;
/** The limit that must end a response, and one that would end it far too late. */
const ENDS: Record<Halt, RequestLimits> = {
  'no headers': { idle: 1000, answer: FOREVER },
  'stands still': { idle: 1000, answer: FOREVER },
  drips: { idle: FOREVER, answer: 1000 },
};
const BODY = Buffer.alloc(1000, '{"x": 1} ');
/** More bytes than the buffers between a server and a reader hold. */
const MORE_THAN_BUFFERS = 32_000_000;

let stop: (() => Promise<void>) | undefined;
afterEach(async () => {
  vi.useRealTimers();
  await stop?.();
  stop = undefined;
});

/** A server whose responses halt, and clients with timeouts that detect it. */
async function halting(how: Halt, status = 200) {
  const closed: Promise<void>[] = [];
  const server = await startTestServer((request, response) => {
    request.resume();
    closed.push(new Promise((resolve) => response.once('close', resolve)));
    halt(response, how, status, { etag: '"e"' }, BODY);
  });
  ({ stop } = server);
  const config = { ...localClientConfig(server.url), maxAttempts: 1 };
  return {
    s3: createSdkClient(S3Client, { ...config, forcePathStyle: true }, ENDS[how]),
    sqs: createSdkClient(SQSClient, config, ENDS[how]),
    dynamo: createSdkClient(DynamoDBClient, config, ENDS[how]),
    /** Resolves when the server sees that the client has disconnected. */
    hungUp: async () => void (await Promise.all(closed)),
  };
}
const place = { Bucket: 'uploads', Key: 'a.jpg' };
const timedOut = { name: 'TimeoutError' };

describe.each(['stands still', 'drips'] as const)('a response whose body %s', (how) => {
  it.each(['transformToByteArray', 'transformToString'] as const)(
    'ends with %s for its reader, and so does its connection',
    async (read) => {
      const { s3, hungUp } = await halting(how);
      const { Body } = await s3.send(new GetObjectCommand(place));
      await expect(Body?.[read]()).rejects.toMatchObject(timedOut);
      await hungUp();
    },
  );

  it('ends for a reader that reads in chunks', async () => {
    const { s3 } = await halting(how);
    const { Body } = await s3.send(new GetObjectCommand(place));
    const readAll = async () => {
      let bytes = 0;
      for await (const chunk of Body as AsyncIterable<Uint8Array>) bytes += chunk.byteLength;
      return bytes;
    };
    await expect(readAll()).rejects.toMatchObject(timedOut);
  });

  it('ends for the SDK, which reads listings, messages and errors itself', async () => {
    const { s3, sqs, dynamo } = await halting(how);
    await expect(s3.send(new ListObjectsV2Command({ Bucket: 'uploads' }))).rejects.toMatchObject(timedOut);
    await expect(sqs.send(new ListQueuesCommand({}))).rejects.toMatchObject(timedOut);
    await expect(dynamo.send(new ListTablesCommand({}))).rejects.toMatchObject(timedOut);
    await stop?.();
    const refusing = await halting(how, 400);
    await expect(refusing.s3.send(new GetObjectCommand(place))).rejects.toMatchObject(timedOut);
  });
});

it('a request without a response times out', async () => {
  const { s3, sqs, hungUp } = await halting('no headers');
  await expect(s3.send(new HeadObjectCommand(place))).rejects.toMatchObject(timedOut);
  await expect(sqs.send(new ListQueuesCommand({}))).rejects.toMatchObject(timedOut);
  await hungUp();
});

it('the error of a response that trickles in states its limit', async () => {
  const { s3 } = await halting('drips');
  const { Body } = await s3.send(new GetObjectCommand(place));
  await expect(Body?.transformToByteArray()).rejects.toThrow('the response took longer than 1 s to arrive');
});

it('a response that arrives in time is read to its end, and no timer keeps it in memory', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  const server = await startTestServer((request, response) => {
    request.resume();
    response.writeHead(200, { 'content-length': BODY.byteLength });
    response.end(BODY);
  });
  ({ stop } = server);
  const limits = { idle: FOREVER, answer: FOREVER };
  const s3 = createSdkClient(S3Client, { ...localClientConfig(server.url), forcePathStyle: true }, limits);
  const { Body } = await s3.send(new GetObjectCommand(place));
  expect(vi.getTimerCount()).toBeGreaterThan(0);
  expect(await Body?.transformToByteArray()).toEqual(new Uint8Array(BODY));
  await setImmediate();
  expect(vi.getTimerCount()).toBe(0);
});

describe('a response that its reader reads slowly', () => {
  /** Requests an object of this many bytes. Returns the response's body. */
  async function open(bytes: number, limits: RequestLimits): Promise<IncomingMessage> {
    const server = await startTestServer((request, response) => {
      request.resume();
      response.end(Buffer.alloc(bytes));
    });
    ({ stop } = server);
    const s3 = createSdkClient(S3Client, { ...localClientConfig(server.url), forcePathStyle: true }, limits);
    const { Body } = await s3.send(new GetObjectCommand(place));
    return Body as unknown as IncomingMessage;
  }

  it('does not end while the reader leaves bytes unread', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    const limits = { idle: 5000, answer: 60_000 };
    const body = await open(MORE_THAN_BUFFERS, limits);
    const chunks = body.iterator();
    let bytes = ((await chunks.next()) as { value: Buffer }).value.byteLength;
    await eventually('more bytes arrive', async () => body.readableLength > 0);
    const restart = vi.spyOn(body.socket, 'setTimeout');
    vi.advanceTimersByTime(10 * limits.answer);
    expect(restart).toHaveBeenCalledWith(limits.idle);
    for await (const chunk of chunks) bytes += (chunk as Buffer).byteLength;
    expect(bytes).toBe(MORE_THAN_BUFFERS);
  });

  it('does not end while the reader computes, even if it leaves nothing unread', async () => {
    const body = await open(8_000_000, { idle: 400, answer: 400 });
    let bytes = 0;
    for await (const chunk of body) {
      compute(bytes === 0 ? 1500 : 20);
      bytes += (chunk as Buffer).byteLength;
    }
    expect(bytes).toBe(8_000_000);
  });
});

function compute(milliseconds: number): void {
  const end = performance.now() + milliseconds;
  while (performance.now() < end);
}

it('every client in the project has timeouts', () => {
  const unlimited = globSync('src/**/*.ts').filter((file) =>
    /new \w+Client\(/.test(readFileSync(file, 'utf8')),
  );
  expect(unlimited).toEqual(['src/core/sdk-client.ts']);
});
