import { text } from 'node:stream/consumers';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { sendWithFetch, sendWithRetries, type Transferred } from '../../src/client/transfer.ts';
import { startTestServer } from '../support/http-server.ts';
import { instantWaits } from '../support/instant-waits.ts';

const TRANSFER = { method: 'PUT' as const, url: 'u', body: new Blob(['abc']), bytes: 3 };
const errorOf = (code: string, message: string) =>
  `<?xml version="1.0"?><Error><Code>${code}</Code><Message>${message}</Message></Error>`;

describe('a transfer to S3', () => {
  instantWaits();

  /** Sends to an S3 with these responses, the last one again and again. */
  function sending(...answers: Partial<Transferred>[]) {
    const progress: number[] = [];
    let tries = 0;
    const send = async (transfer: typeof TRANSFER, onProgress: (bytes: number) => void) => {
      expect(transfer).toBe(TRANSFER);
      tries += 1;
      onProgress(3);
      return { status: 204, etag: '"e"', text: '', ...answers[Math.min(tries, answers.length) - 1] };
    };
    const result = sendWithRetries(
      send as never,
      () => TRANSFER,
      { attempts: 3 },
      (bytes) => progress.push(bytes),
    );
    return { result, progress, tries: () => tries };
  }

  it.each([200, 204, 299])('is complete with the status %i, and returns the ETag', async (status) => {
    const { result, tries } = sending({ status });
    expect(await result).toBe('"e"');
    expect(tries()).toBe(1);
  });

  it.each([199, 300, 307, 403])('is refused with the status %i, and not repeated', async (status) => {
    const { result, tries } = sending({ status, text: errorOf('AccessDenied', 'no &amp; never') });
    await expect(result).rejects.toMatchObject({
      name: 'StorageError',
      status,
      code: 'AccessDenied',
      detail: 'no & never',
      message: 'S3 refused it: AccessDenied',
    });
    expect(tries()).toBe(1);
  });

  it('is repeated from the start if S3 failed, or if the connection was too slow for it', async () => {
    const slow = { status: 400, text: errorOf('RequestTimeout', 'idle') };
    const { result, progress } = sending({ status: 503 }, slow, { status: 200 });
    expect(await result).toBe('"e"');
    expect(progress).toEqual([0, 3, 0, 3, 0, 3]);
  });

  it('is refused with S3’s own words, with every entity decoded', async () => {
    const { result } = sending({
      status: 400,
      text: errorOf('Bad', '&lt;a b=&quot;&apos;&quot;&gt; &amp;lt; &nbsp;'),
    });
    await expect(result).rejects.toMatchObject({ code: 'Bad', detail: `<a b="'"> &lt; &nbsp;` });
  });

  it('is refused with the status if a proxy says no more', async () => {
    await expect(sending({ status: 413, text: '<html>' }).result).rejects.toMatchObject({
      code: '413',
      detail: '413',
    });
    await expect(sending({ status: 403, text: '<Code>AccessDenied</Code>' }).result).rejects.toMatchObject({
      code: 'AccessDenied',
      detail: 'AccessDenied',
    });
  });
});

describe('a transfer with fetch', () => {
  it('sends the body, and returns the status, the ETag and the text', async () => {
    const heard: object[] = [];
    const server = await startTestServer((request, response) => {
      void (async () => {
        heard.push({ method: request.method, url: request.url, body: await text(request) });
        response.writeHead(heard.length === 1 ? 200 : 403, heard.length === 1 ? { etag: '"e"' } : {});
        response.end('why');
      })();
    });
    onTestFinished(server.stop);
    const url = `${server.url}/part?n=1`;
    const send = () => sendWithFetch({ ...TRANSFER, url }, () => undefined);
    expect(await send()).toEqual({ status: 200, etag: '"e"', text: 'why' });
    expect(await send()).toEqual({ status: 403, etag: '', text: 'why' });
    const request = { method: 'PUT', url: '/part?n=1', body: 'abc' };
    expect(heard).toEqual([request, request]);
  });

  it.each([
    [0, 60_000],
    [10_000, 61_000],
    [5_000_000_000, 500_060_000],
  ])('of %i bytes ends after %i ms: when it is slower than any real upload', async (bytes, milliseconds) => {
    const timeout = vi
      .spyOn(AbortSignal, 'timeout')
      .mockReturnValue(AbortSignal.abort(new Error('too slow')));
    onTestFinished(() => timeout.mockRestore());
    const sent = sendWithFetch({ ...TRANSFER, url: 'http://127.0.0.1:1/', bytes }, () => undefined);
    await expect(sent).rejects.toThrow('too slow');
    expect(timeout).toHaveBeenCalledExactlyOnceWith(milliseconds);
  });
});
