import { expect, it } from 'vitest';
import { responseTo } from '../../src/client/no-response.ts';

const URL_WITH_SECRETS = 'https://user:password@api.example/files/a@b?signature=secret';

it.each<[unknown, string]>([
  [new Error('fetch failed'), 'fetch failed'],
  [new Error('fetch failed', { cause: new Error('socket hang up') }), 'fetch failed, socket hang up'],
  [
    new Error('fetch failed', { cause: Object.assign(new Error('why'), { code: 'ECONNRESET' }) }),
    'fetch failed, ECONNRESET',
  ],
  [new Error('fetch failed', { cause: Object.assign(new Error('why'), { code: 7 }) }), 'fetch failed, why'],
  [new Error('fetch failed', { cause: 'a text' }), 'fetch failed'],
  ['a text', 'a text'],
  [undefined, 'undefined'],
  [new Error(`cannot parse ${URL_WITH_SECRETS}`), 'cannot parse https://api.example/files/a@b'],
])('the error %o says what was requested, why it failed, and nothing secret', async (cause, reason) => {
  const failed = responseTo({ method: 'PUT', url: URL_WITH_SECRETS }, Promise.reject(cause));
  await expect(failed).rejects.toMatchObject({
    name: 'NoResponseError',
    message: `PUT https://api.example/files/a@b: ${reason}`,
    cause,
  });
});
