import { describe, expect, it } from 'vitest';
import { ApiError } from '../../src/client/api-error.ts';
import type { Client } from '../../src/client/client.ts';
import { createFormPolicies } from '../../src/client/form-policies.ts';
import { sendInParts } from '../../src/client/send-parts.ts';
import type { SendToStorage } from '../../src/client/transfer.ts';
import { createUploader } from '../../src/client/uploader.ts';
import type { UploadAnswer } from '../../src/contract/types.ts';

const source = (name: string, size = 3) => ({
  name,
  size,
  type: 'image/png',
  open: () => new Blob(['x'.repeat(size)]),
});

/** The API, as far as an uploader asks it. */
function fakeClient(calls: string[] = []): Client {
  const createUploads = ({ batch = 'new', files }: { batch?: string; files: { name: string }[] }) =>
    Promise.resolve<UploadAnswer>({
      batch,
      prefix: `batches/${batch}/`,
      multipartAbove: 100,
      expiresAt: '2100-01-01T00:00:00Z',
      post: { url: `https://storage.example/${batch}`, fields: {} },
      files: files.map(({ name }) => ({ name, key: `batches/${batch}/${name}` })),
    });
  return {
    createUploads,
    createMultipart: () => Promise.resolve({ uploadId: 'u', key: 'k', partSize: 10, parts: 8 }),
    signParts: ({ partNumbers }: { partNumbers: number[] }) =>
      Promise.resolve({
        parts: partNumbers.map((partNumber) => ({ partNumber, url: `part ${partNumber}` })),
      }),
    completeMultipart: () => Promise.resolve(calls.push('complete')),
    abortMultipart: () => Promise.resolve(calls.push('abort')),
  } as unknown as Client;
}

const taken = { status: 204, etag: '"e"', text: '' };
const refused = { status: 403, etag: '', text: '<Code>AccessDenied</Code><Message>no</Message>' };

describe('a file in parts of which one is refused', () => {
  it('is aborted once the parts in flight have ended, no other part is begun, and nothing is told of them', async () => {
    const calls: string[] = [];
    let failed = false;
    const progress: number[] = [];
    const send: SendToStorage = async ({ url }, onProgress) => {
      if (url === 'part 1') return ((failed = true), refused);
      await new Promise((resolve) => setImmediate(resolve));
      onProgress(10);
      calls.push(url);
      return taken;
    };
    const file = { batch: 'b', name: 'n', source: source('n', 80) };
    const sending = sendInParts({ client: fakeClient(calls), send }, file, (bytes) => {
      if (failed && bytes > 0) progress.push(bytes);
    });
    await expect(sending).rejects.toMatchObject({ code: 'AccessDenied' });
    expect(calls).toEqual(['part 2', 'part 3', 'part 4', 'abort']);
    expect(progress).toEqual([]);
  });
});

describe('the policies of several batches', () => {
  it('are renewed for each of them', async () => {
    const ended = { expiresAt: '2000-01-01T00:00:00Z' };
    const policies = createFormPolicies(fakeClient());
    for (const batch of ['a', 'b']) {
      const { post } = await policies.current({ ...ended, batch } as UploadAnswer, source('x'));
      expect(post.url).toBe(`https://storage.example/${batch}`);
    }
  });
});

describe('an uploader', () => {
  it('is idle when it is stopped while it is paused', async () => {
    const stop = new AbortController();
    const uploader = createUploader({ client: fakeClient(), atOnce: 1, stop: stop.signal });
    uploader.pause(true);
    await uploader.add([source('x')]);
    const idle = uploader.idle();
    stop.abort();
    await expect(idle).resolves.toBeUndefined();
  });
});

it('an upload that is asked for twice is sent again once', async () => {
  const sent: string[] = [];
  const send: SendToStorage = ({ url }) =>
    Promise.resolve((sent.push(url), sent.length === 1 ? refused : taken));
  const uploader = createUploader({ client: fakeClient(), atOnce: 1, send });
  await uploader.add([source('x')]);
  await uploader.idle();
  expect(uploader.uploads).toMatchObject([{ state: 'failed' }]);
  uploader.pause(true);
  for (let click = 0; click < 2; click += 1) uploader.retry(uploader.uploads);
  uploader.pause(false);
  await uploader.idle();
  expect(sent).toHaveLength(2);
  expect(uploader.uploads).toMatchObject([{ state: 'sent' }]);
});

it('an error of a gateway that has no list of errors is an ApiError all the same', () => {
  const error = new ApiError(400, 'no', { code: 7, errors: null } as never);
  expect(error).toMatchObject({ code: undefined, errors: [] });
});
