import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DeleteObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import {
  ChangeMessageVisibilityCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
} from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type * as z from 'zod';
import { groupsSchema, letterDetailSchema, lettersSchema } from '../../src/contract/dead-letters.ts';
import { purgedSchema } from '../../src/contract/purges.ts';
import { redriveSchema, redrivesSchema } from '../../src/contract/redrives.ts';
import { summarySchema } from '../../src/contract/summary.ts';
import { problemSchema } from '../../src/contract/problems.ts';
import { parseCopy } from '../../src/ops/dead-letters/copy.ts';
import { takeDeadLetters } from '../../src/ops/dead-letters/take.ts';
import { currentUser } from '../../src/ops/current-user.ts';
import { fetchDescribed } from '../support/described-answer.ts';
import { eventually } from '../support/eventually.ts';
import { photo } from '../support/images.ts';
import { letterOf, sendAll } from '../support/ops.ts';
import {
  countMessages,
  listKeys,
  startTestPipeline,
  untilQuiet,
  type TestPipeline,
} from '../support/pipeline.ts';
import { jsonLines } from '../support/json-lines.ts';

let data: string;
let pipeline: TestPipeline;
beforeAll(async () => {
  data = await mkdtemp(join(tmpdir(), 'millrace-test-'));
  await start();
});
afterAll(async () => {
  await pipeline.stop();
  await rm(data, { recursive: true });
});
/** One pipeline for all tests, which do not see each other's data. */
beforeEach(async () => {
  await untilQuiet(pipeline);
  await takeDeadLetters(
    {
      ...pipeline,
      deployment: {
        uploadBuckets: [pipeline.buckets.uploads],
        failureBucket: pipeline.buckets.failures,
        deadLetterQueueUrl: pipeline.queues.deadLetter,
      },
    },
    {
      filter: {},
      pollers: 4,
      polls: 'short',
      handle: (letters) => Promise.resolve(new Set(letters.map(({ id }) => id))),
    },
  );
  for (const Key of await listKeys(pipeline.s3, 'failures'))
    await pipeline.s3.send(new DeleteObjectCommand({ Bucket: 'failures', Key }));
  await rm(join(pipeline.logFolder, 'audit.log'), { force: true });
});

async function start(): Promise<void> {
  pipeline = await startTestPipeline({ concurrency: 1, data });
}

const QUEUE = 'millrace-dead-letters';

function request(path: string, init: RequestInit = {}): Promise<Response> {
  return fetchDescribed(`${pipeline.url}/ops${path}`, { redirect: 'manual', ...init });
}

function post(path: string, body?: unknown): Promise<Response> {
  if (body === undefined) return request(path, { method: 'POST' });
  return request(path, {
    method: 'POST',
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/json' },
  });
}

async function answerOf<T>(schema: z.ZodType<T>, answer: Response, status = 200): Promise<T> {
  const body: unknown = await answer.json();
  expect(answer.status, JSON.stringify(body)).toBe(status);
  return schema.parse(body);
}

async function problemOf(answer: Response) {
  expect(answer.headers.get('content-type')).toBe('application/problem+json');
  return problemSchema.parse(await answer.json());
}

const put = (Key: string, Body: string | Buffer) =>
  pipeline.s3.send(new PutObjectCommand({ Bucket: 'uploads', Key, Body }));

/** Creates uploads that fail, and waits until each is a dead letter. */
async function fail(...keys: string[]): Promise<void> {
  for (const key of keys) await put(key, 'no image');
  await eventually('each has failed', async () => (await visible()) === keys.length);
}

async function visible(): Promise<number> {
  const { Attributes } = await pipeline.sqs.send(
    new GetQueueAttributesCommand({
      QueueUrl: pipeline.queues.deadLetter,
      AttributeNames: ['ApproximateNumberOfMessages'],
    }),
  );
  return Number(Attributes?.ApproximateNumberOfMessages);
}

/** Sends dead letters as the worker would, which is faster than failing conversions. */
const sendLetters = (count: number, code = 'image.corrupt', prefix = 'made/') =>
  sendAll(
    pipeline,
    pipeline.queues.deadLetter,
    Array.from({ length: count }, (_, index) => letterOf(`${prefix}${index}.jpg`, code)),
  );

async function idOf(key: string): Promise<string> {
  const { letters } = await answerOf(lettersSchema, await request(`/dead-letters/list?key=${key}`));
  const [letter] = letters;
  if (letter === undefined) throw new Error(`there is no dead letter of ${key}`);
  return letter.id;
}

async function auditLog(): Promise<object[]> {
  const text = await readFile(join(pipeline.logFolder, 'audit.log'), 'utf8');
  return jsonLines(text);
}

describe('GET /ops/summary', () => {
  async function sums() {
    const { minutes } = await answerOf(summarySchema, await request('/summary'));
    const sum = (of: 'converted' | 'rejected') => minutes.reduce((all, each) => all + each[of], 0);
    return { converted: sum('converted'), rejected: sum('rejected') };
  }

  it("returns waiting messages, the outcomes of the last hour, and the alarm's state", async () => {
    const before = await sums();
    await put('good.png', await photo());
    await fail('bad.jpg');
    await untilQuiet(pipeline);
    const summary = await eventually('both are counted', async () => {
      const current = await answerOf(summarySchema, await request('/summary'));
      const { converted, rejected } = await sums();
      const counted = converted === before.converted + 1 && rejected === before.rejected + 1;
      return counted && current.alarm === 'alarm' && current;
    });
    expect(summary).toMatchObject({
      deadLetters: 1,
      queueName: QUEUE,
      retentionSeconds: 14 * 86_400,
      queues: { conversion: { visible: 0, inFlight: 0, delayed: 0 }, retry: { visible: 0 } },
    });
    const times = summary.minutes.map(({ at }) => Date.parse(at));
    expect(times).toHaveLength(60);
    expect(times.slice(1).every((time, index) => time - (times[index] ?? 0) === 60_000)).toBe(true);
    expect(Math.abs(Date.now() - (times.at(-1) ?? 0))).toBeLessThan(120_000);
  });
});

describe('GET /ops/dead-letters', () => {
  it('groups the matching dead letters by code, and leaves them in the queue and visible', async () => {
    await sendLetters(25);
    await sendLetters(5, 'process.died', 'other/');
    const all = await answerOf(groupsSchema, await request('/dead-letters'));
    expect(all).toMatchObject({
      total: 30,
      complete: true,
      groups: [
        { code: 'image.corrupt', count: 25, retryCanHelp: false },
        { code: 'process.died', count: 5, retryCanHelp: true },
      ],
    });
    for (const [query, total] of [
      ['code=process.died', 5],
      ['prefix=made/1', 11],
      ['key=made/3.jpg', 1],
      ['prefix=made/&code=process.died', 0],
      [`since=${new Date(Date.now() - 60_000).toISOString()}`, 30],
      [`since=${new Date(Date.now() + 60_000).toISOString()}`, 0],
    ] as const)
      expect((await answerOf(groupsSchema, await request(`/dead-letters?${query}`))).total, query).toBe(
        total,
      );
    expect(await visible()).toBe(30);
  });

  it('reports that it is incomplete while another consumer is reading', async () => {
    await sendLetters(3);
    const QueueUrl = pipeline.queues.deadLetter;
    const { Messages } = await pipeline.sqs.send(
      new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 1 }),
    );
    expect(await answerOf(groupsSchema, await request('/dead-letters'))).toMatchObject({
      total: 2,
      complete: false,
    });
    const ReceiptHandle = Messages?.[0]?.ReceiptHandle;
    await pipeline.sqs.send(
      new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout: 0 }),
    );
  });

  it.each(['code=a&code=b&what=else', 'since=yesterday', `code=${'x'.repeat(101)}`])(
    'refuses the query %s',
    async (query) => {
      const answer = await request(`/dead-letters?${query}`);
      expect(answer.status).toBe(400);
      expect(await problemOf(answer)).toMatchObject({ code: 'request.invalid' });
    },
  );

  it('leaves nothing hidden if the client disconnects', async () => {
    await sendLetters(600);
    const gone = new AbortController();
    const asking = request('/dead-letters', { signal: gone.signal });
    while ((await visible()) === 600);
    gone.abort();
    await expect(asking).rejects.toThrow('aborted');
    // Before received messages become visible again by themselves.
    await eventually('all are visible', async () => (await visible()) === 600, 20);
  });
});

describe('GET /ops/dead-letters/list', () => {
  it('returns the first hundred, and whether there are more', async () => {
    await sendLetters(99);
    const most = await answerOf(lettersSchema, await request('/dead-letters/list'));
    expect(most.letters).toHaveLength(99);
    expect(most.complete).toBe(true);
    await sendLetters(2, 'process.died', 'other/');
    const some = await answerOf(lettersSchema, await request('/dead-letters/list'));
    expect(some.letters).toHaveLength(100);
    expect(some.complete).toBe(false);
    expect(await visible()).toBe(101);
  });
});

describe('GET /ops/dead-letters/{id}', () => {
  it('returns the message, its reason, the failure report and a preview', async () => {
    await fail('holiday/it is "bad".jpg');
    const id = await idOf(encodeURIComponent('holiday/it is "bad".jpg'));
    const letter = await answerOf(letterDetailSchema, await request(`/dead-letters/${id}`));
    expect(letter).toMatchObject({
      id,
      code: 'image.unsupported_format',
      objects: [{ bucket: 'uploads', key: 'holiday/it is "bad".jpg' }],
      report: { status: 'failed', code: 'image.unsupported_format' },
    });
    expect(letter.preview).toMatch(/^\/ops\/preview\?/);
  });

  it('returns neither a report nor a preview for a message that names no upload', async () => {
    await sendAll(pipeline, pipeline.queues.deadLetter, [{ MessageBody: 'junk' }]);
    const { letters } = await answerOf(lettersSchema, await request('/dead-letters/list'));
    const letter = await answerOf(letterDetailSchema, await request(`/dead-letters/${letters[0]?.id ?? ''}`));
    expect(letter).toMatchObject({ body: 'junk', code: 'notification.malformed', objects: [] });
    expect(letter).not.toHaveProperty('preview');
  });

  it('responds with 404 for an unknown id, also if there are other dead letters', async () => {
    await sendLetters(1);
    // The expiry guard, which runs when the pipeline starts, may still be reading it.
    await eventually('it can be read', async () => {
      const { total } = await answerOf(groupsSchema, await request('/dead-letters'));
      return total === 1;
    });
    const answer = await request('/dead-letters/nobody');
    expect(answer.status).toBe(404);
    expect(await problemOf(answer)).toMatchObject({ code: 'dead_letter.unknown' });
  });
});

describe('GET /ops/preview', () => {
  const follow = async (key: string) => {
    const answer = await request(`/preview?${new URLSearchParams({ key }).toString()}`);
    expect(answer.status).toBe(302);
    const location = answer.headers.get('location') ?? '';
    expect(location).toContain('X-Amz-Expires=300');
    const source = await fetch(location);
    expect(source.status).toBe(200);
    return {
      type: source.headers.get('content-type'),
      disposition: source.headers.get('content-disposition'),
    };
  };

  it('shows an image with its actual type, whatever its name', async () => {
    const Body = await photo();
    await pipeline.s3.send(
      new PutObjectCommand({ Bucket: 'uploads', Key: 'page.html', Body, ContentType: 'text/html' }),
    );
    expect(await follow('page.html')).toMatchObject({
      type: expect.stringMatching(/^image\/(jpeg|png)$/),
      disposition: 'inline',
    });
  });

  it.each([
    ['a page', '<!doctype html><script>alert(1)</script>', 'text/html'],
    ['a drawing with scripts', '<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>', 'image/svg+xml'],
    ['a page that claims to be an image', '<!doctype html><script>alert(1)</script>', 'image/png'],
    ['nothing', '', 'image/png'],
  ])('serves %s as a download of plain bytes', async (_name, Body, ContentType) => {
    await pipeline.s3.send(new PutObjectCommand({ Bucket: 'uploads', Key: 'a', Body, ContentType }));
    expect(await follow('a')).toEqual({ type: 'application/octet-stream', disposition: 'attachment' });
  });

  it('redirects only to uploads', async () => {
    expect((await request('/preview?key=nothing.jpg')).status).toBe(404);
    expect((await request('/preview?bucket=failures&key=a')).status).toBe(400);
    expect((await request(`/preview?key=${'a'.repeat(1025)}`)).status).toBe(400);
  });
});

describe('an export and a purge', () => {
  it('contain the matching dead letters, and delete exactly these', async () => {
    await sendLetters(30);
    await sendLetters(5, 'process.died', 'other/');
    const answer = await request('/dead-letters/export?code=image.corrupt');
    expect(answer.headers.get('millrace-complete')).toBe('true');
    expect(answer.headers.get('content-disposition')).toMatch(/^attachment/);
    const copies = (await answer.text())
      .trimEnd()
      .split('\n')
      .map((line, index) => parseCopy(line, index + 1));
    expect(copies).toHaveLength(30);

    const ids = [...copies.map(({ id }) => id), 'expired'];
    expect(await answerOf(purgedSchema, await post('/purges', { queueName: QUEUE, ids }))).toEqual({
      deleted: 30,
      missing: 1,
      complete: true,
    });
    expect(await answerOf(groupsSchema, await request('/dead-letters'))).toMatchObject({
      total: 5,
      groups: [{ code: 'process.died' }],
    });
    expect(await auditLog()).toEqual([
      expect.objectContaining({ action: 'purge', who: currentUser(), what: `31 dead letters of ${QUEUE}` }),
      expect.objectContaining({ action: 'purge', what: 'of these, 30 were deleted' }),
    ]);
  });

  it.each([
    ['another name', { queueName: 'millrace', ids: ['a'] }, 'queueName'],
    ['no ids', { queueName: QUEUE, ids: [] }, 'ids'],
    ['too many ids', { queueName: QUEUE, ids: Array.from({ length: 10_001 }, String) }, 'ids'],
    ['a filter', { queueName: QUEUE, ids: ['a'], code: 'x' }, '(the whole)'],
  ])('do not start with %s', async (_name, body, where) => {
    await sendLetters(1);
    const answer = await post('/purges', body);
    expect(answer.status).toBe(400);
    expect((await problemOf(answer)).errors?.[0]?.where).toBe(where);
    expect(await visible()).toBe(1);
  });
});

describe('a redrive', () => {
  const ended = (id: string) =>
    eventually('the redrive has ended', async () => {
      const record = await answerOf(redriveSchema, await request(`/redrives/${id}`));
      return record.state !== 'running' && record;
    });

  it('can be planned without changes', async () => {
    await sendLetters(3);
    const plan = await answerOf(groupsSchema, await post('/redrives', { plan: true }));
    expect(plan).toMatchObject({ total: 3, complete: true, groups: [{ code: 'image.corrupt', count: 3 }] });
    expect(await answerOf(redrivesSchema, await request('/redrives'))).toEqual({
      redrives: [],
      moveTasks: [],
    });
    expect(await visible()).toBe(3);
  });

  it('stops after a canary that fails again, and converts everything once the cause is fixed', async () => {
    const keys = Array.from({ length: 6 }, (_, index) => `photos/${index}.jpg`);
    await fail(...keys);
    const order = { canary: 2, stopIfFailing: 0.1, reason: 'the decoder was mended' };
    const first = await answerOf(redriveSchema, await post('/redrives', order), 202);
    expect(first).toMatchObject({ state: 'running', who: currentUser(), why: order.reason });
    expect(await ended(first.id)).toMatchObject({ state: 'stopped', counts: { moved: 2, failedAgain: 2 } });
    await eventually('all are back', async () => (await visible()) === 6);

    const image = await photo();
    for (const key of keys) await put(key, image);
    await untilQuiet(pipeline);
    const second = await answerOf(redriveSchema, await post('/redrives', { canary: 2 }), 202);
    expect(await ended(second.id)).toMatchObject({
      state: 'done',
      counts: { moved: 6, converted: 6, failedAgain: 0, pending: 0 },
    });
    expect(await countMessages(pipeline.sqs, pipeline.queues.deadLetter)).toBe(0);
    const { redrives } = await answerOf(redrivesSchema, await request('/redrives'));
    expect(redrives.map(({ id }) => id)).toEqual([second.id, first.id]);
    expect(await auditLog()).toEqual([
      expect.objectContaining({
        action: 'redrive',
        who: currentUser(),
        why: order.reason,
        what: 'all dead letters, canary 2, stop if 10 % fail',
      }),
      expect.objectContaining({ action: 'redrive' }),
    ]);
  });

  it('can be cancelled, once, and leaves the rest in the queue', async () => {
    await sendLetters(40);
    const { id } = await answerOf(redriveSchema, await post('/redrives', { rate: 2, stopIfFailing: 1 }), 202);
    const asked = await answerOf(redriveSchema, await post(`/redrives/${id}/cancel`));
    expect(asked.cancelRequested).toBe(true);
    const record = await ended(id);
    expect(record.state).toBe('cancelled');
    expect(record.counts.moved).toBeLessThan(40);
    const again = await post(`/redrives/${id}/cancel`);
    expect(again.status).toBe(409);
    expect(await problemOf(again)).toMatchObject({ code: 'redrive.ended' });
    expect((await auditLog()).slice(1)).toEqual([
      expect.objectContaining({ action: 'cancel redrive', what: expect.stringContaining(id) }),
      expect.objectContaining({ action: 'cancel redrive' }),
    ]);
  });

  it('that is running when the pipeline stops reports that it was interrupted', async () => {
    await sendLetters(40);
    const { id } = await answerOf(redriveSchema, await post('/redrives', { rate: 1 }), 202);
    await pipeline.stop();
    await start();
    expect((await ended(id)).state).toBe('interrupted');
  });

  it.each([
    [{ canary: 0 }, 'canary'],
    [{ canary: 1001 }, 'canary'],
    [{ rate: 501 }, 'rate'],
    [{ stopIfFailing: 20 }, 'stopIfFailing'],
    [{ reason: 'x'.repeat(501) }, 'reason'],
    [{ filter: { since: 'now' } }, 'filter.since'],
    [{ all: true }, '(the whole)'],
  ])('is refused with %j', async (body, where) => {
    const answer = await post('/redrives', body);
    expect(answer.status).toBe(400);
    expect((await problemOf(answer)).errors?.[0]?.where).toBe(where);
    expect((await answerOf(redrivesSchema, await request('/redrives'))).redrives).toEqual([]);
  });

  it.each([
    ['/redrives/nobody', 'GET', 404],
    ['/redrives/nobody/cancel', 'POST', 404],
    ['/redrives/a%2Fb', 'GET', 400],
  ])('at %s with %s responds with %d', async (path, method, status) => {
    const answer = await request(path, { method });
    expect(answer.status).toBe(status);
    await problemOf(answer);
  });
});
