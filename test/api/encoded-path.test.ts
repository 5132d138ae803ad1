import { fc } from '../support/fuzz.ts';
import { Hono } from 'hono';
import type { LambdaEvent } from 'hono/aws-lambda';
import { describe, expect, it } from 'vitest';
import { encodedPath } from '../../src/api/encoded-path.ts';
import { createGatewayHandler } from '../../src/api/gateway-handler.ts';

const app = new Hono();
app.get('/objects/:key{.+}', (context) => context.json({ key: context.req.param('key') }));
app.get('/ops/:what', (context) => context.json({ operation: context.req.param('what') }));
app.notFound((context) => context.json({ key: undefined }, 404));
const handler = createGatewayHandler(app);

/** Returns how the application interprets a path that API Gateway has decoded. */
async function answerAt(rawPath: string, rawQueryString = '', routeKey = 'ANY /{proxy+}') {
  const event = {
    version: '2.0',
    routeKey,
    rawPath,
    rawQueryString,
    headers: { host: 'api.example' },
    isBase64Encoded: false,
    requestContext: { domainName: 'api.example', routeKey, http: { method: 'GET', path: rawPath } },
  };
  const { body } = await handler(event as unknown as LambdaEvent);
  return JSON.parse(body) as { key?: string; operation?: string };
}

describe('a decoded path', () => {
  it.each([
    ['/objects/a.jpg', '/objects/a.jpg'],
    ['/objects/%41.jpg', '/objects/%2541.jpg'],
    ['/objects/what?.jpg', '/objects/what%3F.jpg'],
    ['/objects/#1 of 2.jpg', '/objects/%231%20of%202.jpg'],
    ['/objects/é/日本.jpg', '/objects/%C3%A9/%E6%97%A5%E6%9C%AC.jpg'],
    ['/objects/a\\b\t.jpg', '/objects/a%5Cb%09.jpg'],
    ['//objects//a/', '//objects//a/'],
    ['/objects/a/../b', '/objects/a/..%2Fb'],
    ['/objects/./../b', '/objects/.%2F..%2Fb'],
    ['/objects/a/..', '/objects/a%2F..'],
    ['/', '/'],
    ['', ''],
  ])('%j is encoded as %j', (decoded, encoded) => {
    expect(encodedPath(decoded)).toBe(encoded);
  });

  it('is unchanged by URL parsing', () => {
    const segment = fc.oneof(
      fc.constantFrom('.', '..', '%2e', '%', '?', '#', '+', ''),
      fc.string({ unit: 'grapheme', maxLength: 20 }),
    );
    fc.assert(
      fc.property(fc.array(segment, { maxLength: 20 }), (segments) => {
        const path = `/objects/${segments.join('/')}`;
        const { pathname, search, hash } = new URL(`https://api.example${encodedPath(path)}`);
        expect(decodeURIComponent(pathname)).toBe(path);
        expect(search + hash).toBe('');
      }),
    );
  });
});

describe('a key behind API Gateway', () => {
  it.each([
    'a b/100% #1?+é.jpg',
    '%41.jpg',
    '%2541.jpg',
    'a%2Fb.jpg',
    '100%',
    'what?.jpg',
    'a#b.jpg',
    'a+b.jpg',
    '日本/é.jpg',
    'a/../b.jpg',
    'a/./b.jpg',
    'a//b.jpg',
    'a\\b.jpg',
  ])('%s is exactly that key', async (key) => {
    expect(await answerAt(`/objects/${key}`)).toEqual({ key });
    expect(await answerAt(`/objects/${key}`, 'limit=5&after=%3F')).toEqual({ key });
  });
});

describe('an operation behind API Gateway', () => {
  it('is reached through its route', async () => {
    expect(await answerAt('/ops/redrives', '', 'ANY /ops/{proxy+}')).toEqual({ operation: 'redrives' });
  });

  it.each([
    '/ops/redrives',
    '/%6fps/redrives',
    '/../ops/redrives',
    '/./ops/redrives',
    '/objects/../ops/redrives',
  ])('is not reached at %s through the catch-all route', async (path) => {
    expect(await answerAt(path)).not.toHaveProperty('operation');
  });
});
