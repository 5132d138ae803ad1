import { stat } from 'node:fs/promises';
import type { LocalFile } from '../find-files.ts';
import { ApiRefusal, type Send } from './client.ts';
import { callsOf, signBatch, type FileToSign, type SignedFiles } from './sign-batch.ts';
import { postFile, sendInParts } from './send-file.ts';

/** What became of a file on its way to the batch. */
export type Sent =
  | { kind: 'uploaded'; name: string; key: string; bytes: number }
  | { kind: 'failed'; name: string; error: unknown };

export interface BatchUpload {
  send: Send;
  /** Files at the same time. */
  concurrency: number;
  /** No others are begun once it is aborted; those under way are finished. */
  stop: AbortSignal;
  onBatch(id: string): void;
  onSent(sent: Sent): void;
}

/** A policy is signed anew when it would end during the next file. */
const RENEW_MILLISECONDS = 2 * 60_000;

/**
 * Uploads files as one batch, with nothing but the API: it signs one form for all of them, and parts for large ones.
 * A file that fails is told of, and does not keep the others.
 * @returns the id of the batch; undefined when the API would have none of the files
 * @throws ApiRefusal when the API refuses the whole
 */
export async function uploadBatch(
  files: readonly LocalFile[],
  upload: BatchUpload,
): Promise<string | undefined> {
  const { send, stop, onSent } = upload;
  const found: FileToSign[] = [];
  for (const { path, key: name } of files) {
    try {
      found.push({ path, name, bytes: (await stat(path)).size });
    } catch (error) {
      onSent({ kind: 'failed', name, error });
    }
  }
  let batch: string | undefined;
  for (const call of callsOf(found)) {
    if (stop.aborted) break;
    const refuse = ({ name }: FileToSign, what: string) =>
      onSent({ kind: 'failed', name, error: new ApiRefusal(400, what) });
    const signed = await signBatch(send, call, batch, stop, refuse);
    if (signed === undefined) continue;
    if (batch === undefined) upload.onBatch(signed.signed.batch);
    batch = signed.signed.batch;
    await sendAll(signed, upload);
  }
  return batch;
}

async function sendAll(
  { signed, files }: SignedFiles,
  { send, concurrency, stop, onSent }: BatchUpload,
): Promise<void> {
  const remaining = files.values();
  let policy = Promise.resolve(signed);

  /** The policy, signed anew once for all lanes when it is about to end. */
  async function current(file: FileToSign) {
    const { batch, expiresAt } = await policy;
    if (Date.parse(expiresAt) - Date.now() < RENEW_MILLISECONDS) {
      const renewed = signBatch(send, [file], batch, stop, () => undefined);
      policy = renewed.then(async (again) => again?.signed ?? policy);
    }
    return (await policy).post;
  }

  const lane = async () => {
    for (const file of remaining) {
      if (stop.aborted) return;
      const { name, key, bytes } = file;
      try {
        if (bytes > signed.multipartAbove) await sendInParts(send, signed.batch, file, stop);
        else await postFile(await current(file), file, stop);
        onSent({ kind: 'uploaded', name, key, bytes });
      } catch (error) {
        onSent({ kind: 'failed', name, error });
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, files.length) }, lane));
}
