import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { runConvertJob, type ConvertJob, type FileOutcome } from '../../../src/cli/convert/convert-job.ts';
import { writeResultMetadata } from '../../../src/core/result-metadata.ts';

const metadata = writeResultMetadata({
  sourceEtag: 'e',
  rendition: 'web',
  recipe: 'r',
  generation: 0,
  stamp: 's',
});

function jobOf(job: Partial<ConvertJob>): { job: ConvertJob; outcomes: FileOutcome[] } {
  const outcomes: FileOutcome[] = [];
  return {
    outcomes,
    job: {
      files: {
        expect: (key) =>
          Promise.resolve({
            kind: 'converted',
            results: [{ key, draft: `draft of ${key}`, bytes: 6, contentType: 'image/webp', metadata }],
          }),
      },
      queue: () => undefined,
      results: { adopt: () => Promise.resolve() },
      paths: { of: (key) => [`${key}.webp`] },
      window: 4,
      stop: new AbortController().signal,
      onOutcome: (outcome) => void outcomes.push(outcome),
      ...job,
    },
  };
}

it('stores the results of each file under its paths', async () => {
  const adopted: [string, string][] = [];
  const { job, outcomes } = jobOf({
    results: { adopt: async (draft, path) => void adopted.push([draft, path]) },
  });
  await runConvertJob(['a', 'b'], job);
  expect(adopted).toEqual([
    ['draft of a', 'a.webp'],
    ['draft of b', 'b.webp'],
  ]);
  const result = { rendition: 'web', contentType: 'image/webp', bytes: 6 };
  expect(outcomes).toEqual([
    { type: 'converted', key: 'a', results: [{ ...result, key: 'a.webp' }] },
    { type: 'converted', key: 'b', results: [{ ...result, key: 'b.webp' }] },
  ]);
});

it('a file fails by itself: because its result cannot be stored, or its path is too long for a key', async () => {
  const long = `${'l'.repeat(1024)}.jpg`;
  const { job, outcomes } = jobOf({
    results: {
      adopt: (_draft, path) => (path === 'a.webp' ? Promise.reject(new Error('EACCES')) : Promise.resolve()),
    },
    queue: (key) => expect(key).not.toBe(long),
  });
  await runConvertJob(['a', long, 'b'], job);
  expect(outcomes.toSorted((one, other) => one.key.length - other.key.length)).toMatchObject([
    { type: 'failed', key: 'a', code: 'file.unwritable', message: 'EACCES' },
    { key: 'b', type: 'converted' },
    { type: 'failed', key: long, code: 'file.unreadable', message: expect.stringContaining('1024 bytes') },
  ]);
});

it('a file fails with the reason that its conversion ended with', async () => {
  const { job, outcomes } = jobOf({
    files: { expect: () => Promise.resolve({ kind: 'failed', code: 'image.corrupt', message: 'broken' }) },
    results: { adopt: () => expect.unreachable() },
  });
  await runConvertJob(['a'], job);
  expect(outcomes).toEqual([{ type: 'failed', key: 'a', code: 'image.corrupt', message: 'broken' }]);
});

it('a file fails if its result is not one of this pipeline', async () => {
  const results = [{ key: 'a', draft: 'd', bytes: 1, contentType: 'image/webp', metadata: {} }];
  const { job, outcomes } = jobOf({
    files: { expect: () => Promise.resolve({ kind: 'converted', results }) },
  });
  await runConvertJob(['a'], job);
  expect(outcomes).toEqual([
    {
      type: 'failed',
      key: 'a',
      code: 'file.unwritable',
      message: 'a is not a result of this pipeline',
    },
  ]);
});

const MANY = Array.from({ length: 100 }, (_, index) => String(index));

it('starts no other file after the pipeline has failed', async () => {
  let queued = 0;
  const { job, outcomes } = jobOf({
    files: {
      expect: (key) =>
        key === '0'
          ? Promise.reject(new Error('the local AWS has stopped'))
          : new Promise((resolve) => setTimeout(resolve, 1, { kind: 'failed', code: 'x', message: key })),
    },
    queue: () => void (queued += 1),
  });
  await expect(runConvertJob(MANY, job)).rejects.toThrow('has stopped');
  await delay(50);
  expect(queued).toBeLessThanOrEqual(job.window);
  expect(outcomes.length).toBeLessThan(job.window);
});

it('has no more files in the pipeline than its window, and starts none once it is stopped', async () => {
  const stop = new AbortController();
  let inPipeline = 0;
  let most = 0;
  const { job, outcomes } = jobOf({
    stop: stop.signal,
    files: {
      async expect(key) {
        inPipeline += 1;
        most = Math.max(most, inPipeline);
        await delay(1);
        inPipeline -= 1;
        if (outcomes.length >= 20) stop.abort();
        return { kind: 'failed', code: 'x', message: key };
      },
    },
  });
  await runConvertJob(MANY, job);
  expect(most).toBe(job.window);
  expect(outcomes.length).toBeLessThan(20 + 2 * job.window);
});
