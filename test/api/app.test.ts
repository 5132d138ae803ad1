import { HTTPException } from 'hono/http-exception';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { apiInProcess, DEPLOYMENT } from './in-process.ts';

const problemOf = async (answer: Response) =>
  ({ status: answer.status, ...((await answer.json()) as object) }) as Record<string, unknown>;

describe('the API', () => {
  it('describes itself as OpenAPI 3.1', async () => {
    const { request } = apiInProcess();
    expect(await (await request('/openapi.json')).json()).toMatchObject({
      openapi: '3.1.0',
      info: {
        title: 'Millrace',
        version: '1',
        license: { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' },
      },
      servers: [{ url: '/' }],
    });
  });

  it('names the route that it does not have', async () => {
    const { request } = apiInProcess();
    expect(await problemOf(await request('/nothing', { method: 'PUT' }))).toMatchObject({
      status: 404,
      code: 'route.unknown',
      detail: 'there is no PUT /nothing; GET /openapi.json lists all routes',
    });
  });

  it('names the mistakes of a request, at most a hundred', async () => {
    const { post } = apiInProcess();
    const sizes = (count: number) => ({
      files: Array.from({ length: count }, () => ({ name: 'a', size: 0 })),
    });
    const one = { where: 'files[0].size', what: 'the file is empty; leave it out' };
    expect(await problemOf(await post('/uploads', sizes(1)))).toMatchObject({
      status: 400,
      code: 'request.invalid',
      detail: `${one.where}: ${one.what}`,
      errors: [one],
    });
    const { detail, errors } = await problemOf(await post('/uploads', sizes(150)));
    expect(detail).toBe(`${one.where}: ${one.what}; 149 more in \`errors\``);
    expect(errors).toHaveLength(100);
    expect(await problemOf(await post('/uploads', []))).toMatchObject({ errors: [{ where: '(the whole)' }] });
  });

  it('says what is wrong with a body that is not JSON', async () => {
    const { request } = apiInProcess();
    const headers = { 'content-type': 'application/json' };
    const answer = await request('/uploads', { method: 'POST', headers, body: '{' });
    expect(await problemOf(answer)).toMatchObject({ status: 400, code: 'request.invalid' });
  });

  it.each([500, 503])('hides an unexpected failure, even one with the status %i', async (status) => {
    const failure = new HTTPException(status as 500, { message: 'secret' });
    const { request, errors } = apiInProcess({ s3: { send: () => Promise.reject(failure) } as never });
    const problem = await problemOf(await request('/objects/a'));
    expect(problem).toMatchObject({ status: 500, code: 'internal.unexpected' });
    expect(JSON.stringify(problem)).not.toContain('secret');
    expect(errors).toEqual([failure]);
  });

  it('lets no browser guess types or tell other sites its addresses', async () => {
    const { request } = apiInProcess();
    for (const path of ['/openapi.json', '/nothing']) {
      const { headers } = await request(path);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('referrer-policy')).toBe('no-referrer');
    }
  });
});

describe('the policy of an upload', () => {
  async function policyFor(files: object[]) {
    const { post } = apiInProcess();
    const { post: form, expiresAt } = (await (await post('/uploads', { files })).json()) as {
      post: { fields: Record<string, string> };
      expiresAt: string;
    };
    const { conditions, expiration } = JSON.parse(
      Buffer.from(form.fields['Policy'] ?? '', 'base64').toString(),
    ) as { conditions: unknown[]; expiration: string };
    return { conditions, expiration, expiresAt, fields: form.fields };
  }

  it('allows the sizes of the recipe, for a quarter of an hour', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: new Date('2026-11-28T12:00:00Z') });
    onTestFinished(() => void vi.useRealTimers());
    const { conditions, expiration, expiresAt, fields } = await policyFor([{ name: 'a', size: 1 }]);
    expect(conditions).toContainEqual(['content-length-range', 1, 200_000_000]);
    for (const time of [expiration, expiresAt])
      expect(new Date(time)).toEqual(new Date('2026-11-28T12:15:00Z'));
    expect(fields).not.toHaveProperty('key');
  });

  it('allows only images if all files are images', async () => {
    const [image, table] = [
      { name: 'a', size: 1, type: 'image/png' },
      { name: 'b', size: 1, type: 'text/csv' },
    ];
    const typed = (prefix: string) => ['starts-with', '$Content-Type', prefix];
    expect((await policyFor([image])).conditions).toContainEqual(typed('image/'));
    expect((await policyFor([image, table])).conditions).toContainEqual(typed(''));
  });
});

describe('a name', () => {
  it('is refused if a key of its results would be too long, with its position', async () => {
    const { post } = apiInProcess({ deployment: { ...DEPLOYMENT, renditions: ['web', 'large'] } });
    const batch = `20260101-${'0'.repeat(32)}`;
    const longest = 1024 - `large/uploads/batches/${batch}/`.length;
    const sign = (length: number) =>
      post('/uploads', {
        batch,
        files: [
          { name: 'a', size: 1 },
          { name: 'n'.repeat(length), size: 1 },
        ],
      });
    expect((await sign(longest)).status).toBe(200);
    expect(await problemOf(await sign(longest + 1))).toMatchObject({
      status: 400,
      detail: expect.stringMatching(/^files\[1\]\.name: the name is too long by 1 bytes/),
      errors: [{ where: 'files[1].name', what: expect.stringMatching(/^the name is too long/) }],
    });
  });
});
