import { openAsBlob } from 'node:fs';
import pLimit from 'p-limit';
import * as z from 'zod';
import { partsSchema, startedSchema, type Signed } from './answers.ts';
import { ApiRefusal, ask, patiently, type Send } from './client.ts';
import type { FileToSign } from './sign-batch.ts';

const TYPE = 'application/octet-stream';
const PARTS_AT_ONCE = 4;
/** Signed in one call: parts of some minutes, so that none waits for longer than its signature holds. */
const PARTS_A_CALL = 16;
/** Time for S3's response after everything is sent. */
const ANSWER_MILLISECONDS = 60_000;
const SLOWEST_BYTES_PER_SECOND = 10_000;

/**
 * Sends a file with the form policy of its batch.
 * @throws ApiRefusal with what S3 answered; the error of the file system
 */
export async function postFile(
  { url, fields }: Signed['post'],
  { path, key }: { path: string; key: string },
  stop: AbortSignal,
): Promise<void> {
  const file = await openAsBlob(path);
  const answer = await patiently(() => {
    const form = new FormData();
    for (const [name, value] of Object.entries({ ...fields, key, 'Content-Type': TYPE }))
      form.append(name, value);
    form.append('file', file);
    return fetch(url, { method: 'POST', body: form, signal: inTimeFor(file) });
  }, stop);
  await expectOk(answer);
}

/**
 * Sends a large file in parts; what is there of it is given up when that fails.
 * @throws ApiRefusal with what the API or S3 answered; the error of the file system
 */
export async function sendInParts(
  send: Send,
  batch: string,
  { path, name, bytes }: FileToSign,
  stop: AbortSignal,
): Promise<void> {
  const body = { batch, name, type: TYPE, size: bytes };
  const upload = await ask(send, startedSchema, '/multipart', { method: 'POST', body, stop });
  const at = `/multipart/${encodeURIComponent(upload.uploadId)}`;
  try {
    const parts = await sendParts(send, at, upload, path, stop);
    await ask(send, z.unknown(), `${at}/complete`, {
      method: 'POST',
      body: { key: upload.key, parts },
      stop,
    });
  } catch (error) {
    await ask(send, z.unknown(), `${at}?key=${encodeURIComponent(upload.key)}`, {
      method: 'DELETE',
      stop,
    }).catch(() => undefined);
    throw error;
  }
}

async function sendParts(
  send: Send,
  at: string,
  { key, partSize, parts }: z.infer<typeof startedSchema>,
  path: string,
  stop: AbortSignal,
): Promise<{ partNumber: number; etag: string }[]> {
  const file = await openAsBlob(path);
  const limit = pLimit(PARTS_AT_ONCE);
  const done: { partNumber: number; etag: string }[] = [];
  for (let first = 1; first <= parts; first += PARTS_A_CALL) {
    stop.throwIfAborted();
    const partNumbers = Array.from(
      { length: Math.min(PARTS_A_CALL, parts - first + 1) },
      (_, index) => first + index,
    );
    const body = { key, partNumbers };
    const signed = await ask(send, partsSchema, `${at}/parts`, { method: 'POST', body, stop });
    const sent = await limit.map(signed.parts, async ({ partNumber, url }) => {
      const slice = file.slice((partNumber - 1) * partSize, partNumber * partSize);
      const answer = await patiently(
        () => fetch(url, { method: 'PUT', body: slice, signal: inTimeFor(slice) }),
        stop,
      );
      await expectOk(answer);
      return { partNumber, etag: answer.headers.get('etag') ?? '' };
    });
    done.push(...sent);
  }
  return done;
}

/** Ends a stalled transfer: nobody uploads photos more slowly than this. */
function inTimeFor({ size }: Blob): AbortSignal {
  return AbortSignal.timeout(ANSWER_MILLISECONDS + Math.ceil((size / SLOWEST_BYTES_PER_SECOND) * 1000));
}

async function expectOk(answer: Response): Promise<void> {
  const text = await answer.text();
  if (answer.ok) return;
  const [, code = answer.status] = /<Code>(\w+)<\/Code>/.exec(text) ?? [];
  throw new ApiRefusal(answer.status, `S3 refused it: ${code}`);
}
