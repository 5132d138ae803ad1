import { describe, expect, it } from 'vitest';
import { ApiError } from '../../src/client/api-error.ts';
import type { Client } from '../../src/client/client.ts';
import { requestsOf, signFiles } from '../../src/client/sign-files.ts';
import { LIMITS } from '../../src/contract/limits.ts';

const file = (name: string) => ({
  name,
  source: { name, type: 'image/png', size: 3, open: () => new Blob(['abc']) },
});

describe('the files of an upload', () => {
  it('are split into requests that the API takes, in order', () => {
    const files = Array.from({ length: 2 * LIMITS.files + 1 }, (_, index) => file(String(index)));
    const requests = [...requestsOf(files)];
    expect(requests.map(({ length }) => length)).toEqual([LIMITS.files, LIMITS.files, 1]);
    expect(requests.flat()).toEqual(files);
    expect([...requestsOf([])]).toEqual([]);
    expect([...requestsOf(files.slice(0, LIMITS.files))].map(({ length }) => length)).toEqual([LIMITS.files]);
  });

  it('are split before the response with their names and keys is too large', () => {
    const name = 'é'.repeat(500);
    const bytes = Buffer.byteLength(JSON.stringify(name)) + 100;
    const fit = Math.floor(3_000_000 / bytes);
    const requests = [...requestsOf(Array.from({ length: 2 * fit + 1 }, () => file(name)))];
    expect(requests.map(({ length }) => length)).toEqual([fit, fit, 1]);
  });

  it('that alone exceed a request are sent alone', () => {
    const large = file('n'.repeat(4_000_000));
    for (const files of [
      [file('a'), large, file('b')],
      [large, file('b')],
    ])
      expect([...requestsOf(files)]).toEqual(files.map((each) => [each]));
  });
});

describe('signing', () => {
  /** An API that refuses requests until they contain only `good` files. */
  function clientThat(refuses: (names: string[]) => Error | undefined) {
    const asked: object[] = [];
    const createUploads = (request: { files: { name: string }[] }) => {
      asked.push(request);
      const error = refuses(request.files.map(({ name }) => name));
      return error === undefined ? Promise.resolve({ batch: 'b' }) : Promise.reject(error);
    };
    return { client: { createUploads } as unknown as Client, asked };
  }
  const badOnes = (names: string[]) => {
    const errors = names.flatMap((name, index) =>
      name.startsWith('bad') ? [{ where: `files[${index}].size`, what: `${name} is empty` }] : [],
    );
    return errors.length === 0 ? undefined : new ApiError(400, 'no', { errors });
  };

  it('reports the refused files, and signs for the others', async () => {
    const { client, asked } = clientThat(badOnes);
    const files = ['bad 1', 'good', 'bad 2', 'fine'].map(file);
    const refused: unknown[] = [];
    const signed = await signFiles(client, files, 'b', ({ name }, what) => refused.push([name, what]));
    expect(signed).toEqual({ signed: { batch: 'b' }, files: [files[1]?.source, files[3]?.source] });
    expect(refused).toEqual([
      ['bad 1', 'bad 1 is empty'],
      ['bad 2', 'bad 2 is empty'],
    ]);
    expect(asked.at(-1)).toEqual({
      batch: 'b',
      files: ['good', 'fine'].map((name) => ({ name, type: 'image/png', size: 3 })),
    });
  });

  it('names no batch if there is none yet', async () => {
    const { client, asked } = clientThat(() => undefined);
    await signFiles(client, [file('a')], undefined, () => undefined);
    expect(asked).toEqual([{ files: [{ name: 'a', type: 'image/png', size: 3 }] }]);
  });

  it('returns nothing if all are refused', async () => {
    const { client, asked } = clientThat(badOnes);
    expect(await signFiles(client, ['bad'].map(file), 'b', () => undefined)).toBeUndefined();
    expect(asked).toHaveLength(1);
  });

  it.each([
    ['that is not about a file', new ApiError(400, 'no', { errors: [{ where: 'batch', what: 'w' }] })],
    ['with a position elsewhere', new ApiError(400, 'no', { errors: [{ where: 'x.files[0]', what: 'w' }] })],
    ['without a list', new ApiError(500, 'no')],
    ['of the network', new Error('no response')],
  ])('fails with an error %s', async (_, error) => {
    const { client, asked } = clientThat(() => error);
    const refused: unknown[] = [];
    await expect(signFiles(client, [file('a')], 'b', (each) => refused.push(each))).rejects.toBe(error);
    expect(asked).toHaveLength(1);
    expect(refused).toEqual([]);
  });

  it('reports no file for a position that it did not send', async () => {
    const errors = [
      { where: 'files[7].size', what: 'w' },
      { where: 'files[10].size', what: 'ten' },
      { where: 'files[99].size', what: 'none' },
    ];
    const { client } = clientThat((names) =>
      names.length > 11 ? new ApiError(400, 'no', { errors }) : undefined,
    );
    const files = Array.from({ length: 12 }, (_, index) => file(String(index)));
    const refused: unknown[] = [];
    await signFiles(client, files, 'b', ({ name }, what) => refused.push([name, what]));
    expect(refused).toEqual([
      ['7', 'w'],
      ['10', 'ten'],
    ]);
  });
});
