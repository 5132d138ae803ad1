import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { CreateBucketCommand, GetObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { rawHeaders, startS3, type TestS3 } from './server.ts';

let server: TestS3;
const Bucket = 'memory';
const MIB = 1024 * 1024;
beforeAll(async () => {
  server = await startS3();
  await server.s3.send(new CreateBucketCommand({ Bucket }));
});
afterAll(() => server.stop());

it('a 1 GiB object is stored and read without being held in memory', async () => {
  const chunk = randomBytes(MIB);
  const before = bytesHeld();
  let most = 0;
  const look = () => (most = Math.max(most, bytesHeld() - before));
  const stream = Readable.from(
    (function* () {
      for (let sent = 0; sent < 1024; sent += 1) {
        if (sent % 32 === 0) look();
        yield chunk;
      }
    })(),
    { highWaterMark: 1 },
  );
  // Without fetch, which buffers everything that it sends.
  const sending = request(`${server.url}/${Bucket}/huge`, {
    method: 'PUT',
    headers: rawHeaders({ 'content-length': String(1024 * MIB) }),
  });
  const [[response]] = (await Promise.all([once(sending, 'response'), pipeline(stream, sending)])) as [
    [IncomingMessage],
    void,
  ];
  response.resume();
  expect(response.statusCode).toBe(200);

  let bytes = 0;
  let lookedAt = 0;
  const { Body } = await server.s3.send(new GetObjectCommand({ Bucket, Key: 'huge' }));
  for await (const piece of Body as AsyncIterable<Buffer>) {
    bytes += piece.byteLength;
    if (bytes < lookedAt + 32 * MIB) continue;
    lookedAt = bytes;
    look();
  }
  expect(bytes).toBe(1024 * MIB);
  // Client and server are both in this process, each with data in flight.
  expect(most).toBeLessThan(200 * MIB);
});

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Returns the size of all live buffers in this process. */
function bytesHeld(): number {
  collectGarbage();
  return process.memoryUsage().arrayBuffers;
}
