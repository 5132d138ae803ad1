import { describe, expect, it } from 'vitest';
import { createClient, type Client, type ClientOptions } from '../../src/client/client.ts';
import { ROUTES } from '../../src/contract/routes.ts';
import { instantWaits } from '../support/instant-waits.ts';

instantWaits();

type Sent = Parameters<NonNullable<ClientOptions['fetch']>>;

/** A client whose requests are recorded and get the same response. */
function clientOf(answer: () => Response = () => Response.json({}), options: ClientOptions = {}) {
  const sent: { url: string; method: string; headers: object; body?: string }[] = [];
  const client = createClient({
    ...options,
    fetch: async (...[url, { signal, ...init }]: Sent) => {
      sent.push({ url, ...init });
      signal.throwIfAborted();
      return answer();
    },
  });
  return { client, sent };
}

describe('a request', () => {
  it('has its parameters in the path and the others in the query, without undefined ones', async () => {
    const { client, sent } = clientOf();
    await client.listBatch({ batch: 'b 1', after: 'a/b&c +', limit: 5, state: undefined });
    expect(sent).toEqual([
      { url: '/batches/b%201/objects?after=a%2Fb%26c%20%2B&limit=5', method: 'GET', headers: {} },
    ]);
  });

  it('has no question mark without a query', async () => {
    const { client, sent } = clientOf();
    await client.getOperationsSummary();
    await client.getBatch({ batch: 'b' });
    expect(sent.map(({ url }) => url)).toEqual(['/ops/summary', '/batches/b']);
  });

  it('that is a POST has the others in its body, as JSON', async () => {
    const { client, sent } = clientOf();
    await client.signParts({ uploadId: 'u/1', key: 'k?', partNumbers: [1, 2] });
    expect(sent).toEqual([
      {
        url: '/multipart/u%2F1/parts',
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{"key":"k?","partNumbers":[1,2]}',
      },
    ]);
  });

  it('that deletes has its parameters in the query', async () => {
    const { client, sent } = clientOf(() => new Response(null, { status: 204 }));
    expect(await client.abortMultipart({ uploadId: 'u', key: 'k/l' })).toBeUndefined();
    expect(sent).toEqual([{ url: '/multipart/u?key=k%2Fl', method: 'DELETE', headers: {} }]);
  });

  it('goes to the address of the API, with or without a final slash', async () => {
    for (const url of ['https://api.example/v1', 'https://api.example/v1/']) {
      const { client, sent } = clientOf(undefined, { url });
      await client.getBatch({ batch: 'b' });
      expect(sent[0]?.url).toBe('https://api.example/v1/batches/b');
    }
  });

  it.each([
    ['photos/2026/boat 1.jpg', '/objects/photos/2026/boat%201.jpg'],
    ['a.b/..c/d..', '/objects/a.b/..c/d..'],
    ['../ops/summary', '/objects/..%2Fops%2Fsummary'],
    ['a/../b', '/objects/a%2F..%2Fb'],
    ['a/./b', '/objects/a%2F.%2Fb'],
    ['a/..', '/objects/a%2F..'],
    ['a?b#c%41', '/objects/a%3Fb%23c%2541'],
  ])('for the key %j goes to %s, which no URL parser resolves to another route', async (key, path) => {
    const { client, sent } = clientOf();
    await client.getObject({ key });
    expect(sent[0]?.url).toBe(path);
    expect(new URL(path, 'https://api.example').pathname).toBe(path);
  });

  it('for other parameters keeps no slash', async () => {
    const { client, sent } = clientOf();
    await client.getRedrive({ id: 'a/b' });
    expect(sent[0]?.url).toBe('/ops/redrives/a%2Fb');
  });

  it.each(['getResult', 'previewSource'] as const)('can be a link: %s', (id) => {
    const { client } = clientOf(undefined, { url: 'https://api.example' });
    const request = { key: 'a/b.jpg', bucket: 'uploads', download: '1' } as const;
    expect(client.addressOf(id, request)).toBe(
      {
        getResult: 'https://api.example/results/a/b.jpg?bucket=uploads&download=1',
        previewSource: 'https://api.example/ops/preview?key=a%2Fb.jpg&bucket=uploads&download=1',
      }[id],
    );
  });
});

describe('a response', () => {
  it('is checked, and what the check returns is the result', async () => {
    const checked: unknown[] = [];
    const { client } = clientOf(() => Response.json({ batch: 'b' }, { status: 201 }), {
      check: (...all) => (checked.push(all), 'checked'),
    });
    expect(await client.getBatch({ batch: 'b' })).toBe('checked');
    expect(checked).toEqual([['getBatch', 201, { batch: 'b' }]]);
    expect(await clientOf(() => Response.json({ a: 1 })).client.getBatch({ batch: 'b' })).toEqual({ a: 1 });
  });

  it('that an object is unknown is a result; for other requests, it is an error', async () => {
    const answer = () => Response.json({ key: 'k', status: 'unknown' }, { status: 404 });
    expect(await clientOf(answer).client.getObject({ key: 'k' })).toEqual({ key: 'k', status: 'unknown' });
    await expect(clientOf(answer).client.getBatch({ batch: 'b' })).rejects.toMatchObject({ status: 404 });
  });

  it.each(['no such page', '[{"status":"unknown"}]', 'x{"status":"unknown"}', '{"code":"request.invalid"}'])(
    'that is not a status is an error: %s',
    async (text) => {
      const { client } = clientOf(() => new Response(text, { status: 404 }));
      await expect(client.getObject({ key: 'k' })).rejects.toMatchObject({ name: 'ApiError', status: 404 });
    },
  );

  it('with a problem is an error with its code, detail and mistakes', async () => {
    const errors = [{ where: 'files[0].size', what: 'the file is empty' }];
    const { client } = clientOf(() =>
      Response.json({ code: 'request.invalid', detail: 'fix it', errors }, { status: 400 }),
    );
    await expect(client.createUploads({ files: [] })).rejects.toMatchObject({
      name: 'ApiError',
      status: 400,
      code: 'request.invalid',
      message: 'fix it',
      errors,
    });
  });

  it.each(['null', '<html>', '{"detail":7}', '""'])(
    'of a gateway is an error with its first 200 characters: %s',
    async (text) => {
      const { client } = clientOf(() => new Response(text + ' '.repeat(190) + '1234567890', { status: 400 }));
      const shown = (text + ' '.repeat(190) + '1234567890').slice(0, 200);
      await expect(client.getBatch({ batch: 'b' })).rejects.toMatchObject({
        name: 'ApiError',
        code: undefined,
        errors: [],
        message: `the API answered 400: ${shown}`,
      });
    },
  );

  it('that is not JSON is shown up to 200 characters', async () => {
    const { client } = clientOf(() => new Response('x'.repeat(1000)));
    await expect(client.getBatch({ batch: 'b' })).rejects.toMatchObject({
      message: `the API answered 200 and what is not JSON: ${'x'.repeat(200)}`,
    });
  });
});

describe('a request that fails', () => {
  const ONCE = ['createRedrive', 'cancelRedrive', 'purgeDeadLetters'] as const;

  it.each(ONCE)('is sent once if a retry could execute it twice: %s', async (id) => {
    const { client, sent } = clientOf(() => new Response('', { status: 503 }), { attempts: 3 });
    await expect((client[id] as (request: object) => Promise<unknown>)({ id: 'i' })).rejects.toThrow('503');
    expect(sent).toHaveLength(1);
  });

  it('is sent again otherwise', async () => {
    const others = Object.keys(ROUTES).filter(
      (id) => !['getResult', 'previewSource', ...ONCE].includes(id as never),
    ) as (keyof Client)[];
    for (const id of others) {
      const { client, sent } = clientOf(() => new Response('', { status: 503 }), { attempts: 3 });
      const ask = client[id] as unknown as (request: object) => Promise<unknown>;
      await expect(ask({ id: 'i', key: 'k', batch: 'b', uploadId: 'u' })).rejects.toThrow('503');
      expect(sent).toHaveLength(3);
    }
    expect(others).toHaveLength(Object.keys(ROUTES).length - 5);
  });
});

describe('an export', () => {
  it.each([
    ['true', true],
    ['false', false],
    [undefined, true],
  ])('with the header %s is complete: %s', async (header, complete) => {
    const headers = header === undefined ? {} : { 'millrace-complete': header };
    const { client, sent } = clientOf(() => new Response('{"id":"1"}\n', { headers }));
    expect(await client.exportDeadLetters({ code: 'image.corrupt' })).toEqual({
      lines: '{"id":"1"}\n',
      complete,
    });
    await client.exportDeadLetters();
    expect(sent.map(({ url }) => url)).toEqual([
      '/ops/dead-letters/export?code=image.corrupt',
      '/ops/dead-letters/export',
    ]);
  });
});
