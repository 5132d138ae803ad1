import pLimit from 'p-limit';
import type { AnswerOf } from '../contract/types.ts';
import type { Client } from './client.ts';
import type { RetryOptions } from './with-retries.ts';
import type { Source } from './source.ts';
import { sendWithRetries, type SendToStorage } from './transfer.ts';

const PARTS_AT_ONCE = 4;
/** Parts signed in one request: for a few minutes, so that no signature expires while its part waits. */
const PARTS_A_REQUEST = 16;

interface Sending extends RetryOptions {
  client: Client;
  send: SendToStorage;
}

/**
 * Sends a large file in parts. If it fails, S3 keeps nothing of it.
 * @param onProgress called with the bytes sent so far
 * @throws ApiError or StorageError with what was refused; the error of the file
 */
export async function sendInParts(
  sending: Sending,
  { batch, name, source }: { batch: string; name: string; source: Source },
  onProgress: (bytes: number) => void,
): Promise<void> {
  const { client } = sending;
  const { type, size } = source;
  const started = await client.createMultipart({ batch, name, type, size });
  const { uploadId, key } = started;
  try {
    const parts = await sendParts(sending, started, await source.open(), onProgress);
    await client.completeMultipart({ uploadId, key, parts });
  } catch (error) {
    await client.abortMultipart({ uploadId, key }).catch(() => undefined);
    throw error;
  }
}

async function sendParts(
  { client, send, ...patience }: Sending,
  { uploadId, key, partSize, parts }: AnswerOf<'createMultipart'>,
  file: Blob,
  onProgress: (bytes: number) => void,
): Promise<{ partNumber: number; etag: string }[]> {
  const { stop } = patience;
  const limit = pLimit(PARTS_AT_ONCE);
  let failure: { error: unknown } | undefined;
  const sent = new Map<number, number>();
  const done: { partNumber: number; etag: string }[] = [];
  for (let first = 1; first <= parts; first += PARTS_A_REQUEST) {
    stop?.throwIfAborted();
    const length = Math.min(PARTS_A_REQUEST, parts - first + 1);
    const partNumbers = Array.from({ length }, (_, index) => first + index);
    const signed = await client.signParts({ uploadId, key, partNumbers });
    // Never rejects. Parts in flight end first, because a part that arrives after the abort would remain.
    const some = await limit.map(signed.parts, async ({ partNumber, url }) => {
      if (stop?.aborted) failure ??= { error: stop.reason };
      if (failure !== undefined) return undefined;
      const body = file.slice((partNumber - 1) * partSize, partNumber * partSize);
      const transfer = () => ({ method: 'PUT' as const, url, body, bytes: body.size });
      try {
        const etag = await sendWithRetries(send, transfer, patience, (bytes) => {
          sent.set(partNumber, bytes);
          if (failure === undefined) onProgress([...sent.values()].reduce((sum, each) => sum + each, 0));
        });
        return { partNumber, etag };
      } catch (error) {
        failure ??= { error };
        return undefined;
      }
    });
    if (failure !== undefined) throw failure.error;
    done.push(...some.filter((part) => part !== undefined));
  }
  return done;
}
