import type { Problem } from '../../problem.ts';
import type { BatchCounts, BatchObjects } from '../../routes/batches.ts';
import type { SignedParts, StartedMultipart } from '../../routes/multipart.ts';
import type { UploadAnswer } from '../../routes/uploads.ts';

/** What a request ended with, in words for people. */
export class RequestFailed extends Error {
  override readonly name = 'RequestFailed';
}

export interface FileToSign {
  name: string;
  type: string;
  size: number;
}

const at = encodeURIComponent;

export const api = {
  sign: (files: FileToSign[], batch: string | undefined) =>
    call<UploadAnswer>('POST', '/uploads', batch === undefined ? { files } : { batch, files }),
  counts: (batch: string) => call<BatchCounts>('GET', `/batches/${at(batch)}`),
  objects(batch: string, query: Record<string, string>) {
    return call<BatchObjects>('GET', `/batches/${at(batch)}/objects?${new URLSearchParams(query)}`);
  },
  begin: (file: FileToSign, batch: string) =>
    call<StartedMultipart>('POST', '/multipart', { ...file, batch }),
  signParts: (uploadId: string, key: string, partNumbers: number[]) =>
    call<SignedParts>('POST', `/multipart/${at(uploadId)}/parts`, { key, partNumbers }),
  complete: (uploadId: string, key: string, parts: { partNumber: number; etag: string }[]) =>
    call('POST', `/multipart/${at(uploadId)}/complete`, { key, parts }),
};

async function call<T>(method: string, path: string, body?: object): Promise<T> {
  let answer: Response;
  try {
    answer = await fetch(path, {
      method,
      ...(body === undefined
        ? {}
        : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
  } catch {
    throw new RequestFailed('The server could not be reached.');
  }
  if (answer.ok) return (await answer.json()) as T;
  const problem = (await answer.json().catch(() => ({}))) as Partial<Problem>;
  throw new RequestFailed(problem.detail ?? `The server answered with status ${answer.status}.`);
}
