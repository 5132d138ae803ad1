import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { ApiError } from '../../src/client/api-error.ts';
import { followBatch } from '../../src/client/batch.ts';
import { createClient, type Client } from '../../src/client/client.ts';
import { createFormPolicies } from '../../src/client/form-policies.ts';
import { sendInParts } from '../../src/client/send-parts.ts';
import { sendWithFetch, type SendToStorage } from '../../src/client/transfer.ts';
import { createUploader } from '../../src/client/uploader.ts';
import { LIMITS } from '../../src/contract/limits.ts';
import type { UploadAnswer } from '../../src/contract/types.ts';
import { startTestServer } from '../support/http-server.ts';
import { instantWaits } from '../support/instant-waits.ts';

const source = (name: string, size = 3) => ({
  name,
  size,
  type: 'image/png',
  open: () => new Blob(['x'.repeat(size)]),
});

/** The part of the API that an uploader uses. */
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

/** The same API, which refuses files named `bad`. */
function clientThatRefusesBad(): Client {
  const client = fakeClient();
  const { createUploads } = client;
  client.createUploads = (request) => {
    const index = request.files.findIndex(({ name }) => name === 'bad');
    const errors = [{ where: `files[${index}].type`, what: 'is empty' }];
    return index < 0 ? createUploads(request) : Promise.reject(new ApiError(400, 'no', { errors }));
  };
  return client;
}

const taken = { status: 204, etag: '"e"', text: '' };
const refused = { status: 403, etag: '', text: '<Code>AccessDenied</Code><Message>no</Message>' };

describe('a multipart upload with a refused part', () => {
  it('is aborted once the parts in flight have ended, without starting or reporting other parts', async () => {
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

describe('a stopped multipart upload', () => {
  it('is aborted once the parts in flight have ended, without starting other parts', async () => {
    const calls: string[] = [];
    const stop = new AbortController();
    const send: SendToStorage = async ({ url }) => {
      calls.push(url);
      if (url === 'part 4') stop.abort(new Error('stopped'));
      await new Promise((resolve) => setImmediate(resolve));
      return taken;
    };
    const file = { batch: 'b', name: 'n', source: source('n', 80) };
    const sending = sendInParts(
      { client: fakeClient(calls), send, stop: stop.signal },
      file,
      () => undefined,
    );
    await expect(sending).rejects.toThrow('stopped');
    expect(calls).toEqual(['part 1', 'part 2', 'part 3', 'part 4', 'abort']);
  });
});

describe('the policies of several batches', () => {
  it('are renewed for each batch', async () => {
    const ended = { expiresAt: '2000-01-01T00:00:00Z' };
    const policies = createFormPolicies(fakeClient());
    for (const batch of ['a', 'b']) {
      const { post } = await policies.current({ ...ended, batch } as UploadAnswer, source('x'));
      expect(post.url).toBe(`https://storage.example/${batch}`);
    }
  });
});

describe('an uploader', () => {
  it('puts files that are added together into one batch', async () => {
    const batches: (string | undefined)[] = [];
    const client = fakeClient();
    const createUploads = client.createUploads.bind(client);
    client.createUploads = (request) => {
      batches.push(request.batch);
      return createUploads(request);
    };
    const ids: string[] = [];
    const uploader = createUploader({
      client,
      atOnce: 1,
      send: () => Promise.resolve(taken),
      onBatch: (id) => void ids.push(id),
    });
    await Promise.all([uploader.add([source('x')]), uploader.add([source('y')])]);
    await uploader.idle();
    expect(batches).toEqual([undefined, 'new']);
    expect(ids).toEqual(['new']);
  });

  it('gives files of several requests different names if the API would give them the same', async () => {
    const client = fakeClient();
    const uploader = createUploader({ client, atOnce: 1, send: () => Promise.resolve(taken) });
    const others = Array.from({ length: LIMITS.files }, (_, index) => source(`${index}`));
    await uploader.add([source('e\u0301.png'), ...others, source('\u00e9.png')]);
    await uploader.idle();
    expect(uploader.uploads).toHaveLength(LIMITS.files + 2);
    expect(uploader.uploads.at(-1)).toMatchObject({
      name: '\u00e9 (2).png',
      source: { name: '\u00e9.png' },
      state: 'sent',
    });
  });

  it('can add files after adding others failed', async () => {
    const client = fakeClient();
    const { createUploads } = client;
    client.createUploads = () => Promise.reject(new ApiError(500, 'no'));
    const uploader = createUploader({ client, atOnce: 1, send: () => Promise.resolve(taken) });
    await expect(uploader.add([source('x')])).rejects.toThrow('no');
    client.createUploads = createUploads;
    expect(await uploader.add([source('y')])).toBe('new');
  });

  it('reports files that the API refuses, even without a listener', async () => {
    const client = clientThatRefusesBad();
    const uploader = createUploader({ client, atOnce: 1, send: () => Promise.resolve(taken) });
    await expect(uploader.add([source('good'), source('bad')])).rejects.toThrow('bad: is empty');
    await uploader.idle();
    expect(uploader.uploads).toMatchObject([{ state: 'sent', name: 'good' }]);
    const told: string[] = [];
    const listening = createUploader({
      client,
      atOnce: 1,
      send: () => Promise.resolve(taken),
      onRefused: ({ name }, what) => void told.push(`${name}: ${what}`),
    });
    await listening.add([source('bad')]);
    expect(told).toEqual(['bad: is empty']);
  });

  it('sends nothing once it is stopped, not even after a pause', async () => {
    const stop = new AbortController();
    let tries = 0;
    const send: SendToStorage = () => {
      tries += 1;
      setTimeout(() => stop.abort());
      return Promise.reject(new Error('no connection'));
    };
    const uploader = createUploader({ client: fakeClient(), atOnce: 1, send, stop: stop.signal });
    await uploader.add([source('x')]);
    await uploader.idle();
    expect(tries).toBe(1);
    expect(uploader.uploads).toMatchObject([{ state: 'failed' }]);
  });

  it.each(['onChange', 'onSettled', 'onBatch', 'onRefused'])(
    'sends all files even if %s throws',
    async (callback) => {
      const mistake = new Error('a mistake of the page');
      const thrown: unknown[] = [];
      const listeners = process.listeners('uncaughtException');
      process.removeAllListeners('uncaughtException');
      process.on('uncaughtException', (error) => void thrown.push(error));
      let tries = 0;
      const send: SendToStorage = (_transfer, onProgress) => {
        tries += 1;
        onProgress(1);
        return Promise.resolve(taken);
      };
      const fails = () => {
        throw mistake;
      };
      const client = clientThatRefusesBad();
      try {
        const quiet = { onRefused: () => undefined };
        const uploader = createUploader({ client, atOnce: 1, send, ...quiet, [callback]: fails });
        await uploader.add([source('bad'), source('x')]);
        await uploader.idle();
        await new Promise((resolve) => setTimeout(resolve));
        expect(uploader.uploads).toMatchObject([{ state: 'sent' }]);
      } finally {
        process.removeAllListeners('uncaughtException');
        for (const listener of listeners) process.on('uncaughtException', listener);
      }
      expect(tries).toBe(1);
      expect(new Set(thrown)).toEqual(new Set([mistake]));
    },
  );

  it('sends no file with a renewed policy once it is stopped', async () => {
    const stop = new AbortController();
    const sent: string[] = [];
    const age = vi.spyOn(performance, 'now').mockReturnValueOnce(0);
    onTestFinished(() => age.mockRestore());
    age.mockReturnValue(10 * 60_000);
    const send: SendToStorage = ({ url }) => {
      sent.push(url);
      stop.abort();
      return Promise.resolve(refused);
    };
    const uploader = createUploader({ client: fakeClient(), atOnce: 1, send, stop: stop.signal });
    await uploader.add([source('x')]);
    await uploader.idle();
    expect(sent).toHaveLength(1);
    expect(uploader.uploads).toMatchObject([{ state: 'failed', error: { code: 'AccessDenied' } }]);
  });

  it('is idle if it is stopped while paused', async () => {
    const stop = new AbortController();
    const uploader = createUploader({ client: fakeClient(), atOnce: 1, stop: stop.signal });
    uploader.pause(true);
    await uploader.add([source('x')]);
    const idle = uploader.idle();
    stop.abort();
    await expect(idle).resolves.toBeUndefined();
  });
});

it('an upload that is retried twice is sent again once', async () => {
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

it("a gateway's error without a list of errors is also an ApiError", () => {
  const error = new ApiError(400, 'no', { code: 7, errors: null } as never);
  expect(error).toMatchObject({ code: undefined, errors: [] });
});

describe('a batch with more files than one response counts', () => {
  instantWaits();
  it('is followed to its end, page by page', async () => {
    let pending = 2;
    const client = {
      getBatch: () =>
        Promise.resolve({
          batch: 'b',
          uploaded: 2,
          converted: 2,
          failed: 0,
          pending: 0,
          ignored: 0,
          truncated: true,
        }),
      listBatch: ({ after }: { after?: string }) => {
        if (after !== undefined) pending -= 1;
        const state = after !== undefined && pending > 0 ? 'pending' : 'converted';
        const objects = [{ state }, { state: 'converted' }];
        return Promise.resolve(after === undefined ? { objects, next: 'n' } : { objects });
      },
    } as unknown as Client;
    const counts = await followBatch(client, 'b', 4);
    expect(counts).toMatchObject({ uploaded: 4, converted: 4, pending: 0, truncated: false });
    expect(pending).toBe(0);
  });
});

describe('a followed batch', () => {
  it('is not counted further once it is stopped', async () => {
    const stop = new AbortController();
    let pages = 0;
    const client = {
      getBatch: () => Promise.resolve({ batch: 'b', uploaded: 1, pending: 1, truncated: true }),
      listBatch: () => {
        pages += 1;
        stop.abort();
        return Promise.resolve({ objects: [{ state: 'pending' }], next: 'n' });
      },
    } as unknown as Client;
    const counts = await followBatch(client, 'b', 4, { stop: stop.signal });
    expect(counts).toMatchObject({ uploaded: 1, pending: 1, truncated: true });
    expect(pages).toBe(1);
  });
});

describe('an API that does not answer', () => {
  it('is named with the request', async () => {
    const { url, stop } = await startTestServer((request) => request.socket.destroy());
    onTestFinished(stop);
    const asked = createClient({ url, attempts: 1 }).listBatch({ batch: 'b', after: 'secret' });
    await expect(asked).rejects.toMatchObject({
      name: 'NoResponseError',
      message: expect.stringMatching(new RegExp(`^GET ${url}/batches/b/objects: fetch failed, [A-Z_]+$`)),
    });
  });

  it('is named if the connection breaks within a response', async () => {
    const { url, stop } = await startTestServer((_request, response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('half', () => response.destroy());
    });
    onTestFinished(stop);
    await expect(createClient({ url, attempts: 1 }).getBatch({ batch: 'b' })).rejects.toMatchObject({
      name: 'NoResponseError',
      message: expect.stringContaining(`GET ${url}/batches/b: terminated`),
    });
  });

  it('shows no password and no signature', async () => {
    const url = 'http://user:password@127.0.0.1:1/files?signature=secret';
    const sent = sendWithFetch({ method: 'PUT', url, body: new Blob(['x']), bytes: 1 }, () => undefined);
    await expect(sent).rejects.toThrow(/^PUT http:\/\/127\.0\.0\.1:1\/files: (?!.*(password|secret))/);
  });

  it('aborts a request with the signal that it passes to `fetch`', async () => {
    const signals: AbortSignal[] = [];
    const client = createClient({
      fetch: (_url, { signal }) => {
        signals.push(signal);
        return Promise.resolve(Response.json({}));
      },
    });
    await client.getBatch({ batch: 'b' });
    await client.getBatch({ batch: 'c' });
    expect(new Set(signals).size).toBe(2);
  });
});

describe('a response that is not from the API', () => {
  it.each([
    ['is empty', '', 'the API answered 200 and nothing'],
    [
      'is an HTML page',
      '<html>sign in</html>',
      'the API answered 200 and what is not JSON: <html>sign in</html>',
    ],
  ])('is an ApiError if it %s', async (_what, body, message) => {
    const client = createClient({ fetch: () => Promise.resolve(new Response(body)) });
    await expect(client.getBatch({ batch: 'b' })).rejects.toMatchObject({
      name: 'ApiError',
      status: 200,
      message,
    });
  });
});
