import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { Client } from '../../src/client/client.ts';
import type { Transfer, Transferred } from '../../src/client/transfer.ts';
import { createUploader, type UploaderOptions } from '../../src/client/uploader.ts';
import type { Source } from '../../src/client/source.ts';

const taken = { status: 204, etag: '"e"', text: '' };
const denied = { status: 403, etag: '', text: '<Code>AccessDenied</Code>' };

const file = (name: string, size = 3): Source => ({
  name,
  size,
  type: 'image/png',
  open: () => new Blob(['x'.repeat(size)]),
});

/** An uploader on an API that signs everything and an S3 whose responses the test gives. */
function uploaderOf(options: Partial<UploaderOptions<Source>> = {}) {
  const calls: string[] = [];
  const sent: Transfer[] = [];
  const open: ((answer: Transferred | Error) => void)[] = [];
  const progress: ((bytes: number) => void)[] = [];
  let policies = 0;
  const client = {
    createUploads: async ({ files }: { files: { name: string }[] }) => {
      policies += 1;
      calls.push(`sign ${files.map(({ name }) => name).join(' ')}`);
      return {
        batch: 'b',
        prefix: 'batches/b/',
        multipartAbove: 100,
        expiresAt: '2100-01-01T00:00:00Z',
        post: { url: `https://storage.example/${policies}`, fields: { policy: `p${policies}` } },
        files: files.map(({ name }) => ({ name, key: `batches/b/${name}` })),
      };
    },
    createMultipart: async ({ name }: { name: string }) => {
      calls.push(`parts of ${name}`);
      return { uploadId: 'u', key: `batches/b/${name}`, partSize: 1000, parts: 1 };
    },
    signParts: async () => ({ parts: [{ partNumber: 1, url: 'https://storage.example/part' }] }),
    completeMultipart: async () => void calls.push('complete'),
    abortMultipart: async () => void calls.push('abort'),
  };
  const uploader = createUploader({
    client: client as unknown as Client,
    atOnce: 2,
    attempts: 1,
    send: (transfer, onProgress) => {
      sent.push(transfer);
      progress.push(onProgress);
      return new Promise((resolve, reject) => {
        open.push((answer) => (answer instanceof Error ? reject(answer) : resolve(answer)));
      });
    },
    ...options,
  });
  /** Lets everything run that does not wait for S3. */
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  return {
    uploader,
    calls,
    sent,
    progress,
    turn,
    async answer(index: number, answer: Transferred | Error = taken) {
      open[index]?.(answer);
      await turn();
    },
    states: () => uploader.uploads.map(({ state }) => state),
  };
}

describe('a file', () => {
  it('is sent as the form that was signed, with its key and its type before its content', async () => {
    const { uploader, sent, answer } = uploaderOf();
    await uploader.add([file('a b.png')]);
    const form = sent[0]?.body as FormData;
    expect(sent[0]).toMatchObject({ method: 'POST', url: 'https://storage.example/1', bytes: 3 });
    expect([...form.keys()]).toEqual(['policy', 'key', 'Content-Type', 'file']);
    expect([form.get('policy'), form.get('key'), form.get('Content-Type')]).toEqual([
      'p1',
      'batches/b/a b.png',
      'image/png',
    ]);
    expect(await (form.get('file') as Blob).text()).toBe('xxx');
    await answer(0);
    expect(uploader.uploads).toMatchObject([
      { key: 'batches/b/a b.png', name: 'a b.png', state: 'sent', sent: 3 },
    ]);
  });

  it('is sent in parts only if it is larger than what the API says', async () => {
    const { uploader, sent, calls, answer } = uploaderOf();
    await uploader.add([file('equal', 100), file('larger', 101)]);
    await answer(0);
    expect(sent.map(({ method }) => method)).toEqual(['POST', 'PUT']);
    await answer(1);
    expect(calls).toEqual(['sign equal larger', 'parts of larger', 'complete']);
  });

  it('reports its progress, and never more than its size', async () => {
    const changes: number[] = [];
    const { uploader, progress } = uploaderOf({
      onChange: () => void changes.push(uploader?.uploads[0]?.sent ?? 0),
    });
    await uploader.add([file('a')]);
    for (const bytes of [1, 2, 5]) progress[0]?.(bytes);
    expect(changes.slice(-3)).toEqual([1, 2, 3]);
  });

  it('that fails has its error and no progress, and the others are sent', async () => {
    const { uploader, answer, progress, states } = uploaderOf({ atOnce: 1 });
    await uploader.add([file('a'), file('b')]);
    progress[0]?.(2);
    const error = new Error('no connection');
    await answer(0, error);
    expect(uploader.uploads[0]).toMatchObject({ state: 'failed', sent: 0, error });
    await answer(1);
    expect(states()).toEqual(['failed', 'sent']);
  });
});

describe('several files', () => {
  it('are sent in order, as many at a time as allowed', async () => {
    const { uploader, sent, answer, states } = uploaderOf();
    await uploader.add(['a', 'b', 'c', 'd'].map((name) => file(name)));
    expect(sent).toHaveLength(2);
    expect(states()).toEqual(['sending', 'sending', 'waiting', 'waiting']);
    await answer(1);
    expect(states()).toEqual(['sending', 'sent', 'sending', 'waiting']);
    expect(sent).toHaveLength(3);
  });

  it('wait while the uploader is paused, except for those being sent', async () => {
    const { uploader, sent, answer, states, turn } = uploaderOf();
    await uploader.add(['a', 'b', 'c'].map((name) => file(name)));
    uploader.pause(true);
    expect(uploader.paused).toBe(true);
    await answer(0);
    expect(states()).toEqual(['sent', 'sending', 'waiting']);
    uploader.pause(false);
    await turn();
    expect(sent).toHaveLength(3);
  });

  it('are done when none waits and none is being sent', async () => {
    const { uploader, answer, turn } = uploaderOf({ atOnce: 1 });
    await uploader.idle();
    await uploader.add([file('a'), file('b')]);
    let idle = 0;
    void uploader.idle().then(() => (idle += 1));
    void uploader.idle().then(() => (idle += 1));
    uploader.pause(true);
    await answer(0);
    expect(idle).toBe(0);
    uploader.pause(false);
    await turn();
    expect(idle).toBe(0);
    await answer(1);
    expect(idle).toBe(2);
  });

  it('that wait when the uploader is stopped are not sent, and not waited for', async () => {
    const stop = new AbortController();
    const { uploader, answer, sent, states, turn } = uploaderOf({ atOnce: 1, stop: stop.signal });
    await uploader.add([file('a'), file('b')]);
    let idle = false;
    void uploader.idle().then(() => (idle = true));
    stop.abort();
    await turn();
    expect(idle).toBe(false);
    await answer(0);
    expect(idle).toBe(true);
    expect(states()).toEqual(['sent', 'waiting']);
    expect(sent).toHaveLength(1);
  });

  it('are not signed once the uploader is stopped', async () => {
    const { uploader, calls } = uploaderOf({ stop: AbortSignal.abort() });
    expect(await uploader.add([file('a')])).toBeUndefined();
    expect(calls).toEqual([]);
  });
});

describe('a retry', () => {
  it('sends failed and sent files again, but none that waits or is being sent', async () => {
    const { uploader, answer, sent, states } = uploaderOf();
    await uploader.add(['a', 'b', 'c', 'd'].map((name) => file(name)));
    await answer(0, new Error('no connection'));
    await answer(1);
    expect(states()).toEqual(['failed', 'sent', 'sending', 'sending']);
    uploader.retry(uploader.uploads);
    expect(uploader.uploads.slice(0, 2)).toMatchObject([
      { state: 'waiting', sent: 0, error: undefined },
      { state: 'waiting', sent: 0 },
    ]);
    for (const index of [2, 3, 4, 5]) await answer(index);
    expect(states()).toEqual(Array(4).fill('sent'));
    expect(sent).toHaveLength(6);
  });
});

describe('a policy that S3 refuses', () => {
  /** Makes a minute pass between the signature and the refusal. */
  function aMinuteLater(): void {
    const age = vi.spyOn(performance, 'now').mockReturnValueOnce(1_000_000).mockReturnValue(1_060_000);
    onTestFinished(() => age.mockRestore());
  }

  it('long after it was signed is renewed, and the file is sent again', async () => {
    aMinuteLater();
    const { uploader, sent, answer, states, calls } = uploaderOf();
    await uploader.add([file('a')]);
    await answer(0, denied);
    expect(sent.map(({ url }) => url)).toEqual(['https://storage.example/1', 'https://storage.example/2']);
    await answer(1);
    expect(states()).toEqual(['sent']);
    expect(calls).toEqual(['sign a', 'sign a']);
  });

  it('and refuses again after it was renewed fails the file', async () => {
    aMinuteLater();
    const { uploader, sent, answer, states } = uploaderOf();
    await uploader.add([file('a')]);
    await answer(0, denied);
    await answer(1, denied);
    expect(states()).toEqual(['failed']);
    expect(sent).toHaveLength(2);
  });

  it.each([
    ['soon after it was signed', () => undefined, denied],
    ['for another reason', aMinuteLater, { ...denied, text: '<Code>EntityTooLarge</Code>' }],
    ['without a response', aMinuteLater, Object.assign(new Error('no connection'), { code: 'AccessDenied' })],
  ])('%s is not renewed', async (_, prepare, refusal) => {
    prepare();
    const { uploader, sent, answer, states } = uploaderOf();
    await uploader.add([file('a')]);
    await answer(0, refusal);
    expect(states()).toEqual(['failed']);
    expect(sent).toHaveLength(1);
  });
});
