import pLimit from 'p-limit';
import type { AnswerOf } from '../contract/types.ts';
import type { Client } from './client.ts';
import type { RetryOptions } from './with-retries.ts';
import type { Source } from './source.ts';
import { sendWithRetries, StorageError, type SendToStorage } from './transfer.ts';

const PARTS_AT_ONCE = 4;

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
  let failure: { error: unknown } | undefined;
  const sent = new Map<number, number>();

  /** Signs when the part's turn comes, because a signature expires. Returns the ETag. */
  async function signAndSend(partNumber: number): Promise<string> {
    const signed = await client.signParts({ uploadId, key, partNumbers: [partNumber] });
    const url = signed.parts[0]?.url ?? '';
    const body = file.slice((partNumber - 1) * partSize, partNumber * partSize);
    const transfer = () => ({ method: 'PUT' as const, url, body, bytes: body.size });
    return sendWithRetries(send, transfer, patience, (bytes) => {
      sent.set(partNumber, bytes);
      if (failure === undefined) onProgress([...sent.values()].reduce((sum, each) => sum + each, 0));
    });
  }

  // Never rejects. Parts in flight end first, because a part that arrives after the abort would remain.
  const numbers = Array.from({ length: parts }, (_, index) => index + 1);
  const done = await pLimit(PARTS_AT_ONCE).map(numbers, async (partNumber) => {
    if (stop?.aborted) failure ??= { error: stop.reason };
    if (failure !== undefined) return undefined;
    try {
      const etag = await signAndSend(partNumber).catch((error: unknown) => {
        // On a slow connection, the signature may have expired before the last attempt.
        const mayHaveExpired = error instanceof StorageError && error.code === 'AccessDenied';
        if (stop?.aborted || !mayHaveExpired) throw error;
        return signAndSend(partNumber);
      });
      return { partNumber, etag };
    } catch (error) {
      failure ??= { error };
      return undefined;
    }
  });
  if (failure !== undefined) throw failure.error;
  return done.filter((part) => part !== undefined);
}
