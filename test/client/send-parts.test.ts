import { setImmediate } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { Client } from '../../src/client/client.ts';
import { sendInParts } from '../../src/client/send-parts.ts';
import type { SendToStorage } from '../../src/client/transfer.ts';

const CONTENT = Array.from({ length: 395 }, (_, index) => String(index % 10)).join('');
const FILE = {
  batch: 'b',
  name: 'film.mp4',
  source: { name: 'film.mp4', type: 'video/mp4', size: CONTENT.length, open: () => new Blob([CONTENT]) },
};

/** An API that takes the file in 40 parts of ten bytes, and an S3 whose responses `answer` decides. */
function apiWith(answer: (partNumber: number) => { status: number; etag: string; text: string }) {
  const calls: unknown[] = [];
  const sent = new Map<number, string>();
  let active = 0;
  let most = 0;
  const client = {
    createMultipart: async (request: object) => {
      calls.push(['create', request]);
      return { uploadId: 'u', key: 'batches/b/film.mp4', partSize: 10, parts: 40 };
    },
    signParts: async ({ partNumbers, ...request }: { partNumbers: number[] }) => {
      calls.push(['sign', request, partNumbers]);
      return { parts: partNumbers.map((partNumber) => ({ partNumber, url: `part ${partNumber}` })) };
    },
    completeMultipart: async (request: object) => void calls.push(['complete', request]),
    abortMultipart: async (request: object) => {
      calls.push(['abort', request]);
      throw new Error('already gone');
    },
  };
  const send: SendToStorage = async ({ method, url, body, bytes }, onProgress) => {
    active += 1;
    most = Math.max(most, active);
    const partNumber = Number(url.replace('part ', ''));
    sent.set(partNumber, await (body as Blob).text());
    expect([method, sent.get(partNumber)?.length]).toEqual(['PUT', bytes]);
    onProgress(bytes);
    await setImmediate();
    active -= 1;
    return answer(partNumber);
  };
  return { client: client as unknown as Client, send, calls, sent, most: () => most };
}

const taken = (partNumber: number) => ({ status: 200, etag: `"${partNumber}"`, text: '' });
const upload = { uploadId: 'u', key: 'batches/b/film.mp4' };

describe('a large file', () => {
  it('is sent in parts that are together the file, four at a time, and completed with their ETags in order', async () => {
    const { client, send, calls, sent, most } = apiWith(taken);
    await sendInParts({ client, send }, FILE, () => undefined);
    expect(
      [...sent]
        .toSorted(([a], [b]) => a - b)
        .map(([, text]) => text)
        .join(''),
    ).toBe(CONTENT);
    expect(most()).toBe(4);
    expect(calls).toEqual([
      ['create', { batch: 'b', name: 'film.mp4', type: 'video/mp4', size: 395 }],
      ...Array.from({ length: 40 }, (_, index) => ['sign', upload, [index + 1]]),
      [
        'complete',
        {
          ...upload,
          parts: Array.from({ length: 40 }, (_, index) => ({
            partNumber: index + 1,
            etag: `"${index + 1}"`,
          })),
        },
      ],
    ]);
  });

  it('has the bytes of all its parts as its progress, from zero to all', async () => {
    const { client, send } = apiWith(taken);
    const progress: number[] = [];
    await sendInParts({ client, send }, FILE, (bytes) => progress.push(bytes));
    expect(progress[0]).toBe(0);
    expect(progress).toEqual(progress.toSorted((a, b) => a - b));
    expect(progress.at(-1)).toBe(395);
  });

  it('of which a part is refused is aborted and not completed, and fails with the reason', async () => {
    const text = '<Code>EntityTooLarge</Code><Message>no</Message>';
    const { client, send, calls, sent } = apiWith((part) =>
      part === 20 ? { status: 400, etag: '', text } : taken(part),
    );
    const sending = sendInParts({ client, send }, FILE, () => undefined);
    await expect(sending).rejects.toMatchObject({ name: 'StorageError', code: 'EntityTooLarge' });
    expect(calls.at(-1)).toEqual(['abort', upload]);
    expect(calls.flat()).not.toContain('complete');
    expect(Math.max(...sent.keys())).toBeLessThan(25);
  });

  it('is sent although signatures expire before their parts arrive', async () => {
    const expired = { status: 403, etag: '', text: '<Code>AccessDenied</Code><Message>expired</Message>' };
    const seen = new Set<number>();
    const { client, send, calls } = apiWith((part) => {
      const isFirst = !seen.has(part);
      seen.add(part);
      return part > 35 && isFirst ? expired : taken(part);
    });
    await sendInParts({ client, send }, FILE, () => undefined);
    const signed = calls.filter((call) => (call as unknown[])[0] === 'sign');
    expect(signed).toHaveLength(45);
    expect(calls.at(-1)).toEqual([
      'complete',
      expect.objectContaining({ parts: expect.arrayContaining([{ partNumber: 40, etag: '"40"' }]) }),
    ]);
  });

  it('of which a part is denied twice is aborted', async () => {
    const denied = { status: 403, etag: '', text: '<Code>AccessDenied</Code><Message>no</Message>' };
    const { client, send, calls } = apiWith((part) => (part === 20 ? denied : taken(part)));
    const sending = sendInParts({ client, send }, FILE, () => undefined);
    await expect(sending).rejects.toMatchObject({ name: 'StorageError', code: 'AccessDenied' });
    expect(calls.at(-1)).toEqual(['abort', upload]);
    expect(calls.filter((call) => isDeepStrictEqual(call, ['sign', upload, [20]]))).toHaveLength(2);
  });

  it('that is stopped signs no more', async () => {
    const stop = new AbortController();
    const { client, send, calls } = apiWith((part) => {
      if (part === 16) stop.abort(new Error('stopped by its user'));
      return taken(part);
    });
    const sending = sendInParts({ client, send, stop: stop.signal }, FILE, () => undefined);
    await expect(sending).rejects.toThrow('stopped by its user');
    expect(calls.at(-1)).toEqual(['abort', upload]);
    // With those whose turn came before the stop.
    expect(calls.length).toBeLessThanOrEqual(1 + 19 + 1);
  });

  it('that is stopped while its parts wait fails with the reason of the stop', async () => {
    const stop = new AbortController();
    const { client, send, sent } = apiWith((part) => {
      if (part === 1) stop.abort(new Error('stopped by its user'));
      return taken(part);
    });
    const sending = sendInParts({ client, send, stop: stop.signal }, FILE, () => undefined);
    await expect(sending).rejects.toThrow('stopped by its user');
    expect(sent.size).toBeLessThan(16);
  });
});
