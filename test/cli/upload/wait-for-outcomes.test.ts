import { ListObjectsV2Command, type S3Client } from '@aws-sdk/client-s3';
import type { SQSClient } from '@aws-sdk/client-sqs';
import { beforeEach, describe, expect, it } from 'vitest';
import { waitForOutcomes, type FinalState } from '../../../src/cli/upload/wait-for-outcomes.ts';
import { DEFAULT_RECIPE } from '../../../src/core/recipe.ts';
import { localDeployment } from '../../../src/local/deployment.ts';
import { fakeS3 } from '../../support/fake-s3.ts';
import { instantWaits } from '../../support/instant-waits.ts';

/** The waits between two polls. */
const waits = instantWaits();

const QUEUE = { url: '', arn: '' };
const RESOURCES = { conversionQueue: QUEUE, retryQueue: QUEUE, deadLetterQueue: QUEUE };

let fake: ReturnType<typeof fakeS3>;
/** The prefixes and positions of all listings. */
let listed: string[];
/** Called before each listing. */
let onList: () => void;
beforeEach(() => {
  fake = fakeS3(10);
  listed = [];
  onList = () => undefined;
});

const upload = (...keys: string[]) => {
  for (const key of keys)
    fake.inBucket('uploads').set(key, { at: 1000, etag: '"e"', bytes: key.endsWith('/') ? 0 : 7 });
};
const convert = (key: string) => void fake.inBucket('results').set(key, { at: 5000, etag: '"r"' });
const fail = (key: string) => void fake.inBucket('failures').set(key, { at: 5000, etag: '"f"' });

/** Waits for these keys. Returns their outcomes. */
async function wait(
  keys: string[],
  {
    more = () => false,
    stop = new AbortController().signal,
    uploadBuckets = ['uploads'],
  }: { more?: () => boolean; stop?: AbortSignal; uploadBuckets?: string[] } = {},
) {
  const send = fake.s3.send.bind(fake.s3) as (command: unknown) => Promise<unknown>;
  const s3 = {
    send(command: unknown) {
      if (command instanceof ListObjectsV2Command) {
        listed.push(command.input.Prefix ?? '', command.input.StartAfter ?? '');
        onList();
      }
      return send(command);
    },
  } as S3Client;
  const deployment = { ...localDeployment('', RESOURCES, DEFAULT_RECIPE), uploadBuckets };
  const ops = { s3, sqs: {} as SQSClient, deployment };
  const pending = new Set(keys);
  const outcomes: [string, FinalState][] = [];
  await waitForOutcomes(ops, {
    bucket: 'uploads',
    pending,
    more,
    stop,
    onOutcome: (key, state) => void outcomes.push([key, state]),
  });
  return { outcomes, pending: [...pending] };
}

describe('waiting for outcomes', () => {
  it('reports each upload once, and no other upload', async () => {
    upload('p/a', 'p/b', 'p/c', 'p/folder/', 'p/other', 'p/z');
    for (const key of ['p/a', 'p/c', 'p/other', 'p/z']) convert(key);
    fail('p/b');
    expect(await wait(['p/c', 'p/a', 'p/b', 'p/folder/'])).toEqual({
      outcomes: [
        ['p/a', 'converted'],
        ['p/b', 'failed'],
        ['p/c', 'converted'],
        ['p/folder/', 'ignored'],
      ],
      pending: [],
    });
    expect(waits).toEqual([]);
  });

  it('lists only from the first pending upload to the last', async () => {
    for (const folder of ['a', 'm', 'z'])
      for (let index = 0; index < 1000; index += 1) upload(`${folder}/${1000 + index}`);
    for (const key of ['m/1500', 'm/1510']) convert(key);
    expect((await wait(['m/1510', 'm/1500'])).outcomes).toHaveLength(2);
    expect(fake.requests.length).toBeLessThan(16);
    expect(new Set(listed)).toEqual(new Set(['m/15', 'm/150']));
  });

  it('requests only whole characters', async () => {
    const keys = ['p/\u{1f3de}', 'p/\u{1f3df}'];
    upload(...keys);
    for (const key of keys) convert(key);
    expect((await wait(keys)).outcomes).toHaveLength(2);
    expect(listed.every((text) => text.isWellFormed())).toBe(true);
    listed = [];
    upload('x');
    convert('x');
    expect((await wait(['x'])).outcomes).toEqual([['x', 'converted']]);
    expect(new Set(listed)).toEqual(new Set(['x', '']));
  });

  it('asks again until each has an outcome', async () => {
    upload('a', 'b');
    convert('a');
    onList = () => {
      if (waits.length === 2) convert('b');
    };
    expect(await wait(['a', 'b'])).toEqual({
      outcomes: [
        ['a', 'converted'],
        ['b', 'converted'],
      ],
      pending: [],
    });
    expect(waits).toEqual([1000, 1000]);
  });

  it('ends for an upload that was deleted', async () => {
    const uploadBuckets = ['other', 'uploads'];
    upload('a', 'b', 'c');
    fake.inBucket('other').set('c', { at: 1000, etag: '"e"' });
    convert('uploads/b');
    onList = () => {
      if (waits.length === 1) for (const key of ['a', 'c']) fake.inBucket('uploads').delete(key);
    };
    expect(await wait(['a', 'b', 'c'], { uploadBuckets })).toEqual({
      outcomes: [
        ['b', 'converted'],
        ['a', 'gone'],
        ['c', 'gone'],
      ],
      pending: [],
    });
  });

  it('does not take an upload in another bucket for its own', async () => {
    const uploadBuckets = ['other', 'uploads'];
    fake.inBucket('other').set('a', { at: 1000, etag: '"e"' });
    upload('a');
    fake.inBucket('results').set('other/a', { at: 5000, etag: '"r"' });
    onList = () => {
      if (waits.length === 1) fake.inBucket('failures').set('uploads/a', { at: 5000, etag: '"f"' });
    };
    expect(await wait(['a'], { uploadBuckets })).toEqual({ outcomes: [['a', 'failed']], pending: [] });
    expect(waits).toEqual([1000]);
  });

  it('goes on while there may be more uploads', async () => {
    let asked = 0;
    expect((await wait([], { more: () => (asked += 1) < 3 })).outcomes).toEqual([]);
    expect(asked).toBe(3);
    expect([listed, waits]).toEqual([[], [1000]]);
  });

  it('ends at once when it is stopped', async () => {
    upload('a', 'b');
    for (const key of ['a', 'b']) convert(key);
    const stop = new AbortController();
    onList = () => stop.abort();
    expect(await wait(['a', 'b'], { stop: stop.signal })).toEqual({ outcomes: [], pending: ['a', 'b'] });
    listed = [];
    await wait(['a', 'b'], { stop: AbortSignal.abort() });
    expect(listed).toEqual([]);
  });
});
