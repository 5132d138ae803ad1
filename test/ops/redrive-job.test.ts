import { DeleteObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { DeleteMessageCommand, ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { OpsContext } from '../../src/ops/context.ts';
import { PROGRESS_PREFIX, REDRIVES_PREFIX } from '../../src/core/reserved-prefixes.ts';
import { runJob, startJob, type RedriveJob } from '../../src/ops/redrive/job.ts';
import type { RedriveRecord } from '../../src/core/redrive-record.ts';
import { findRecord, requestCancel } from '../../src/ops/redrive/record.ts';
import { SYSTEM_TIME } from '../../src/ops/time.ts';
import { eventually } from '../support/eventually.ts';
import { before, failing, refusing } from '../support/failing.ts';
import { FAST_TIME } from '../support/fast-time.ts';
import { letterOf, opsOf, sendAll } from '../support/ops.ts';
import { countMessages, listKeys, read } from '../support/pipeline.ts';
import { startBench, type Bench } from '../support/worker.ts';

let bench: Bench;
let ops: OpsContext;
let dead: string;
let retry: string;
beforeEach(async () => {
  bench = await startBench();
  ops = { ...opsOf(bench), time: FAST_TIME };
  dead = ops.deployment.deadLetterQueueUrl;
  retry = ops.deployment.retryQueueUrl;
});
afterEach(async () => {
  vi.useRealTimers();
  await bench.stop();
});

const KEYS = Array.from({ length: 12 }, (_, index) => `photos/${String(index).padStart(2, '0')}.jpg`);
const never = new AbortController().signal;
const about = { who: 'operator', why: 'mended', what: 'all dead letters' };

async function sendLetters(): Promise<void> {
  for (const key of KEYS) await bench.upload(key);
  await sendAll(
    ops,
    dead,
    KEYS.map((key) => letterOf(key, 'process.died')),
  );
}

async function plan(request: Partial<NonNullable<RedriveRecord['request']>> = {}): Promise<RedriveJob> {
  const started: RedriveJob[] = [];
  const { id } = await startJob(
    ops,
    { filter: {}, stopIfFailing: 1, ...request },
    about,
    async (job) => void started.push(job),
  );
  expect(started).toEqual([{ id, run: 0 }]);
  return { id, run: 0 };
}

/** Runs until the record meets a condition, then ends the time. */
async function runUntil(job: RedriveJob, reached: (record: RedriveRecord) => boolean): Promise<RedriveJob[]> {
  const time = new AbortController();
  const started: RedriveJob[] = [];
  const running = runJob(ops, job, time.signal, async (next) => void started.push(next));
  await eventually('the run is that far', async () => reached(await recordOf(job)));
  time.abort();
  await running;
  return started;
}

/** Runs, and ends the time after this many sends to the retry queue, of two messages each. */
async function runForSends(job: RedriveJob, sends: number): Promise<RedriveJob[]> {
  const time = new AbortController();
  const started: RedriveJob[] = [];
  let left = sends;
  ops.sqs.middlewareStack.add(
    (next, { commandName }) =>
      async (args) => {
        const answer = await next(args);
        if (commandName === 'SendMessageBatchCommand' && (left -= 1) === 0) time.abort();
        return answer;
      },
    { step: 'initialize' },
  );
  await runJob(ops, job, time.signal, async (next) => void started.push(next));
  return started;
}

async function recordOf({ id }: RedriveJob): Promise<RedriveRecord> {
  const record = await findRecord(ops, id);
  if (record === undefined) throw new Error('there is no such record');
  return record;
}

/** Returns the messages in the retry queue, and removes them. */
async function retriedKeys(): Promise<string[]> {
  const keys: string[] = [];
  for (;;) {
    const { Messages = [] } = await ops.sqs.send(
      new ReceiveMessageCommand({ QueueUrl: retry, MaxNumberOfMessages: 10 }),
    );
    if (Messages.length === 0) return keys.toSorted();
    for (const { Body = '', ReceiptHandle } of Messages) {
      keys.push((JSON.parse(Body) as { key: string }).key);
      await ops.sqs.send(new DeleteMessageCommand({ QueueUrl: retry, ReceiptHandle }));
    }
  }
}

/** Deletes a key's source, so that its outcome is `gone`. */
const clear = (keys: readonly string[]) =>
  Promise.all(keys.map((Key) => ops.s3.send(new DeleteObjectCommand({ Bucket: 'uploads', Key }))));

describe('a redrive whose function runs out of time', () => {
  it('continues where it stopped: nothing is moved twice, earlier moves are followed, and the counts add up', async () => {
    await sendLetters();
    const job = await plan({ rate: 2 });
    const [next] = await runForSends(job, 2);
    const between = await recordOf(job);
    const progress = await read(ops.s3, 'failures', `${PROGRESS_PREFIX}${job.id}/1.json`);
    expect(progress?.contentType).toBe('application/json');
    expect(between).toMatchObject({ state: 'running', runs: 1, counts: { moved: 4 } });
    expect(next).toEqual({ id: job.id, run: 1 });
    const first = await retriedKeys();
    expect(first).toHaveLength(between.counts.moved);

    await clear(KEYS);
    await runJob(ops, next ?? job, never);
    const { moved } = between.counts;
    const record = await recordOf(job);
    expect(record).toMatchObject({ state: 'done', runs: 2, who: 'operator' });
    expect(record.counts).toEqual({ moved: 12, converted: 0, failedAgain: 0, gone: 12, pending: 0 });
    expect((await retriedKeys()).length).toBe(12 - moved);
    expect(await countMessages(ops.sqs, dead)).toBe(0);
  });

  it('does not repeat a completed canary, or extend one that was moved', async () => {
    await sendLetters();
    const job = await plan({ canary: 2, rate: 2 });
    // The canary has no outcome yet: all of it is moved, and nothing else may be.
    const [next = job] = await runUntil(job, ({ counts }) => counts.moved === 2);
    expect(await countMessages(ops.sqs, retry)).toBe(2);
    const [again = job] = await runUntil(next, ({ runs, counts }) => runs === 2 && counts.pending === 2);
    expect(await countMessages(ops.sqs, retry)).toBe(2);

    await clear(await retriedKeys());
    const [more = job] = await runForSends(again, 1);
    expect((await recordOf(job)).counts.moved).toBe(4);
    // Over, so that the run does not wait for outcomes before it moves the rest; the others have none yet.
    const [last = job] = await runUntil(more, ({ counts }) => counts.moved === 12);
    await clear(KEYS);
    await runJob(ops, last, never);
    expect(await recordOf(job)).toMatchObject({
      state: 'done',
      runs: 5,
      counts: { moved: 12, gone: 12, pending: 0 },
    });
    expect(await retriedKeys()).toHaveLength(10);
  });

  it('waits for a canary that never ends no longer than a single run would', async () => {
    await sendLetters();
    const job = await plan({ canary: 2 });
    const [next = job] = await runUntil(job, ({ counts }) => counts.moved === 2);
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 2 * 3_600_000 });
    const left: number[] = [];
    const limit = (milliseconds: number) => {
      left.push(milliseconds);
      return AbortSignal.abort();
    };
    const hasWaited = { ...ops, time: { ...SYSTEM_TIME, limit } };
    await runJob(hasWaited, next, never, () => Promise.reject(new Error('there is no next run')));
    expect(left).toEqual([0]);
    expect(await recordOf(job)).toMatchObject({
      state: 'stopped',
      reason: '2 of the canary had no outcome in time',
      counts: { moved: 2, pending: 2 },
    });
  });

  it('reports at its end what an earlier run could not move', async () => {
    await sendLetters();
    refusing(ops.sqs, 'SendMessageBatchCommand', 1, { times: 1 });
    const job = await plan();
    const time = new AbortController();
    // It is requested after everything is moved.
    before(ops.sqs, 'GetQueueAttributesCommand', { QueueUrl: retry }, () => Promise.resolve(time.abort()));
    const started: RedriveJob[] = [];
    await runJob(ops, job, time.signal, async (next) => void started.push(next));
    expect(started).toEqual([{ ...job, run: 1 }]);
    await clear(KEYS);
    await runJob(ops, { ...job, run: 1 }, never, () => Promise.reject(new Error('there is no next run')));
    expect(await recordOf(job)).toMatchObject({
      state: 'stopped',
      reason: 'SQS refused 1 message, which stays in its queue',
      counts: { moved: KEYS.length - 1 },
    });
  });

  it('moves in its next run what SQS refused before, and is then done', async () => {
    await sendLetters();
    refusing(ops.sqs, 'SendMessageBatchCommand', 1, { times: 1 });
    const job = await plan({ rate: 2 });
    const [next = job] = await runForSends(job, 2);
    expect(await recordOf(job)).toMatchObject({ state: 'running', counts: { moved: 3 } });
    await clear(KEYS);
    await runJob(ops, next, never, () => Promise.reject(new Error('there is no next run')));
    expect(await recordOf(job)).toMatchObject({ state: 'done', counts: { moved: KEYS.length } });
    expect(await retriedKeys()).toEqual(KEYS);
  });

  it('stops immediately if it was cancelled between two runs', async () => {
    await sendLetters();
    const job = await plan({ rate: 2 });
    const [next = job] = await runForSends(job, 1);
    await requestCancel(ops, job.id);
    const { counts } = await recordOf(job);
    await runJob(ops, next, never, () => Promise.reject(new Error('there is no next run')));
    const record = await recordOf(job);
    expect(record.state).toBe('cancelled');
    expect(record.counts.moved).toBe(counts.moved);
  });

  it.each([
    [23, 'running', [1]],
    [25, 'interrupted', []],
  ] as const)(
    'and that began %i hours ago is %s afterwards, so that none continues forever',
    async (hours, state, nextRuns) => {
      await sendLetters();
      const job = await plan({ rate: 2 });
      vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + hours * 3_600_000 });
      const started: number[] = [];
      await runJob(ops, job, AbortSignal.abort(), async ({ run }) => void started.push(run));
      expect(started).toEqual(nextRuns);
      expect(await recordOf(job)).toMatchObject({ state });
    },
  );

  it('ends as interrupted if no run continues it', async () => {
    await sendLetters();
    const job = await plan({ rate: 2 });
    const time = new AbortController();
    time.abort();
    await runJob(ops, job, time.signal);
    expect(await recordOf(job)).toMatchObject({ state: 'interrupted' });
  });
});

describe('a run of a redrive', () => {
  it('that died silently is ended when it is cancelled', async () => {
    const job = await plan();
    const { updatedAt, ...record } = await recordOf(job);
    const silentSince = async (minutes: number) => {
      const at = new Date(Date.parse(updatedAt) - minutes * 60_000).toISOString();
      const Body = JSON.stringify({ ...record, state: 'running', updatedAt: at });
      const Key = `${REDRIVES_PREFIX}${job.id}.json`;
      await ops.s3.send(new PutObjectCommand({ Bucket: 'failures', Key, Body }));
      return at;
    };
    await silentSince(9);
    expect(await requestCancel(ops, job.id)).toBe(true);
    expect(await recordOf(job)).toMatchObject({ state: 'running', cancelRequested: true });
    const at = await silentSince(11);
    expect(await requestCancel(ops, job.id)).toBe(true);
    expect(await recordOf(job)).toMatchObject({ state: 'cancelled', reason: expect.stringContaining(at) });
  });

  it('that is started twice is run once', async () => {
    await sendLetters();
    const job = await plan();
    await clear(KEYS);
    await Promise.all([runJob(ops, job, never), runJob(ops, job, never)]);
    await runJob(ops, job, never);
    expect(await recordOf(job)).toMatchObject({ state: 'done', runs: 1, counts: { moved: 12 } });
    expect(await retriedKeys()).toEqual(KEYS);
  });

  it('that is started again while it is running leaves the work to the running one', async () => {
    await sendLetters();
    const job = await plan({ rate: 2 });
    const time = new AbortController();
    const running = runJob(ops, job, time.signal, () => Promise.resolve());
    try {
      await eventually('something is moved', async () => (await recordOf(job)).counts.moved > 0);
      const { runner } = await recordOf(job);
      // A run that continued it would follow the moved messages for an hour.
      await runJob(ops, job, AbortSignal.timeout(2000));
      expect(await recordOf(job)).toMatchObject({ state: 'running', runner });
    } finally {
      time.abort();
      await running;
    }
  });

  it('continues if the responses to its writes are lost and the SDK retries', async () => {
    await sendLetters();
    const job = await plan({ rate: 2 });
    await clear(KEYS);
    let writes = 0;
    ops.s3.middlewareStack.add(
      (next, { commandName }) =>
        async (args) => {
          writes += commandName === 'PutObjectCommand' ? 1 : 0;
          if (commandName === 'PutObjectCommand' && writes % 2 === 1) await next(args);
          return next(args);
        },
      { step: 'initialize' },
    );
    const [next] = await runForSends(job, 1);
    expect(next).toEqual({ id: job.id, run: 1 });
    await runJob(ops, { id: job.id, run: 1 }, never);
    expect(await recordOf(job)).toMatchObject({ state: 'done', runs: 2, counts: { moved: 12 } });
  });

  it('that cannot start the next one says so in the record', async () => {
    await sendLetters();
    const job = await plan({ rate: 2 });
    const time = new AbortController();
    time.abort();
    await expect(
      runJob(ops, job, time.signal, () => Promise.reject(new Error('refused to start'))),
    ).rejects.toThrow('refused to start');
    expect(await recordOf(job)).toMatchObject({ state: 'failed', reason: 'refused to start' });
  });

  it("that cannot read the previous one's progress says so in the record", async () => {
    await sendLetters();
    const job = await plan({ rate: 2 });
    const [next = job] = await runForSends(job, 1);
    for (const Key of (await listKeys(ops.s3, 'failures')).filter((key) => key.startsWith(PROGRESS_PREFIX)))
      await ops.s3.send(new DeleteObjectCommand({ Bucket: 'failures', Key }));
    await expect(runJob(ops, next, never)).rejects.toThrow(/key does not exist|NoSuchKey/);
    expect(await recordOf(job)).toMatchObject({
      state: 'failed',
      reason: expect.stringContaining('could not read the progress'),
    });
  });

  it('does nothing if its caller was told that it could not be started', async () => {
    await sendLetters();
    await clear(KEYS);
    const jobs: RedriveJob[] = [];
    const lost = async (job: RedriveJob) => {
      jobs.push(job);
      throw new Error('no response');
    };
    await expect(startJob(ops, { filter: {}, stopIfFailing: 1 }, about, lost)).rejects.toThrow('no response');
    const [job = { id: '', run: 0 }] = jobs;
    await runJob(ops, job, never);
    expect(await recordOf(job)).toMatchObject({
      state: 'failed',
      reason: 'could not start: Error: no response',
      runs: 0,
      counts: { moved: 0 },
    });
    expect(await countMessages(ops.sqs, dead)).toBe(KEYS.length);
  });

  it('that fails says so in the record', async () => {
    await sendLetters();
    const job = await plan();
    failing(ops.sqs, 'SendMessageBatchCommand', new Error('no send'), { after: 0, times: 100 });
    await expect(runJob(ops, job, never)).rejects.toThrow('no send');
    expect(await recordOf(job)).toMatchObject({ state: 'failed', reason: 'no send' });
  });
});

it('with an unknown id starts no redrive', async () => {
  await ops.s3.send(new PutObjectCommand({ Bucket: 'failures', Key: 'a', Body: 'x' }));
  expect(await findRecord(ops, 'a')).toBeUndefined();
});
