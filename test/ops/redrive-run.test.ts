import type { SendMessageBatchRequest, SendMessageBatchResult } from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RedriveRecord } from '../../src/core/redrive-record.ts';
import type { OpsContext } from '../../src/ops/context.ts';
import { fromQueue, type Source } from '../../src/ops/redrive/choose.ts';
import type { Followed } from '../../src/ops/redrive/follow.ts';
import { findRecord } from '../../src/ops/redrive/record.ts';
import type { Progress } from '../../src/ops/redrive/redrive.ts';
import { runRedrive, type RedriveHooks, type RedriveRequest } from '../../src/ops/redrive/run.ts';
import { eventually } from '../support/eventually.ts';
import { before, failing, recording, refusing } from '../support/failing.ts';
import { FAST_TIME } from '../support/fast-time.ts';
import { letterOf, opsOf, sendAll } from '../support/ops.ts';
import { storeConverted, storeFailed } from '../support/outcomes.ts';
import { countMessages } from '../support/pipeline.ts';
import { startBench, type Bench } from '../support/worker.ts';

let bench: Bench;
let ops: OpsContext;
let dead: string;
beforeEach(async () => {
  bench = await startBench();
  ops = { ...opsOf(bench), time: FAST_TIME };
  dead = ops.deployment.deadLetterQueueUrl;
});
afterEach(() => bench.stop());

const keys = (count: number) =>
  Array.from({ length: count }, (_, index) => `photos/${String(index).padStart(2, '0')}.jpg`);

/** Puts dead letters into the queue whose sources were deleted. */
const sendLetters = (some: readonly string[]) =>
  sendAll(
    ops,
    dead,
    some.map((key) => letterOf(key, 'process.died')),
  );

/** Puts dead letters into the queue. */
async function sendLettersOfUploads(some: readonly string[]): Promise<void> {
  for (const key of some) await bench.upload(key);
  await sendLetters(some);
}

const never = new AbortController().signal;

/** Without following, and without a stop condition. */
const run = (more: Partial<RedriveRequest> = {}, hooks: RedriveHooks = {}, stop = never) =>
  runRedrive(
    ops,
    { source: fromQueue(ops, {}), stopIfFailing: 1, wait: false, who: 'a', why: 'b', what: 'c', ...more },
    stop,
    hooks,
  );

/** Acts as a worker that rejects these uploads as soon as their messages are in the retry queue. */
function rejecting(some: readonly string[]): void {
  ops.sqs.middlewareStack.add(
    (next, { commandName }) =>
      async (args) => {
        const answer = await next(args);
        if (commandName !== 'SendMessageBatchCommand') return answer;
        const { QueueUrl, Entries = [] } = args.input as SendMessageBatchRequest;
        if (QueueUrl !== ops.deployment.retryQueueUrl) return answer;
        const { Successful = [] } = answer.output as SendMessageBatchResult;
        for (const { Id, MessageId = '' } of Successful) {
          const body = Entries.find((entry) => entry.Id === Id)?.MessageBody ?? '';
          const { key } = JSON.parse(body) as { key: string };
          if (some.includes(key)) await storeFailed(ops, key, { messageId: MessageId });
        }
        return answer;
      },
    { step: 'initialize' },
  );
}

/** Counts how often a redrive asks its source to move messages. */
function countingMoves(source: Source): { source: Source; moves: () => number } {
  let moves = 0;
  return {
    moves: () => moves,
    source: {
      move(move) {
        moves += 1;
        return source.move(move);
      },
    },
  };
}

describe('a redrive', () => {
  it('tells its caller every outcome, and counts them', async () => {
    await sendLettersOfUploads(['bad.jpg', 'good.jpg']);
    await sendLetters(['deleted.jpg']);
    await storeConverted(ops, 'good.jpg');
    rejecting(['bad.jpg']);
    const told: Followed[] = [];
    const record = await run({ wait: true }, { onFollowed: (followed) => void told.push(followed) });
    expect(told).toHaveLength(3);
    expect(Object.fromEntries(told.map(({ key, kind }) => [key, kind]))).toEqual({
      'bad.jpg': 'failed again',
      'deleted.jpg': 'gone',
      'good.jpg': 'converted',
    });
    const counts = { moved: 3, converted: 1, failedAgain: 1, gone: 1, pending: 0 };
    expect(record).toMatchObject({ state: 'done', counts });
    expect(await findRecord(ops, record.id)).toMatchObject({ state: 'done', counts });
  });

  it('tells its caller the counts while it runs, as its record has them', async () => {
    await sendLettersOfUploads(['a.jpg']);
    const told: RedriveRecord[] = [];
    const running = run({ wait: true }, { onCounts: (record) => void told.push(record) });
    const counts = { moved: 1, converted: 0, failedAgain: 0, gone: 0, pending: 1 };
    const during = await eventually('the counts are told', () =>
      Promise.resolve(told.find(({ counts: { moved, pending } }) => moved === 1 && pending === 1)),
    );
    expect(during).toMatchObject({ state: 'running', who: 'a', counts });
    await eventually('the record has them', async () => {
      const { counts: kept } = (await findRecord(ops, during.id)) ?? {};
      return kept?.pending === 1;
    });
    await storeConverted(ops, 'a.jpg');
    expect(await running).toMatchObject({ state: 'done', counts: { converted: 1, pending: 0 } });
  });

  it('does not look for outcomes that nobody asked for', async () => {
    await sendLetters(keys(12));
    const asked = recording(ops.s3, 'HeadObjectCommand');
    expect((await run()).counts).toEqual({ moved: 12, converted: 0, failedAgain: 0, gone: 0, pending: 12 });
    expect(asked).toEqual([]);
  });

  it('does not wait for the outcomes of the rest unless asked', async () => {
    await sendLettersOfUploads(keys(4));
    expect(await run({ stopIfFailing: 0.5 })).toMatchObject({
      state: 'done',
      counts: { moved: 4, converted: 0, failedAgain: 0, gone: 0, pending: 4 },
    });
  });

  it('follows its canary even if nothing can stop it', async () => {
    await sendLetters(keys(4));
    const { state, counts } = await run({ canary: 2 });
    expect(state).toBe('done');
    expect(counts.moved).toBe(4);
    expect(counts.gone).toBeGreaterThanOrEqual(2);
  });

  it('asks for no more dead letters once its canary has failed again', async () => {
    await sendLettersOfUploads(keys(3));
    rejecting(keys(3));
    const { source, moves } = countingMoves(fromQueue(ops, {}));
    expect(await run({ source, canary: 1, stopIfFailing: 0 })).toMatchObject({
      state: 'stopped',
      reason: '1 of 1 (100 %) failed again, more than 0 %',
      counts: { moved: 1, failedAgain: 1 },
    });
    expect(moves()).toBe(1);
    expect(await countMessages(ops.sqs, dead)).toBe(2);
  });

  it('stops while it moves the rest if too many fail again', async () => {
    await sendLettersOfUploads(keys(30));
    rejecting(keys(30));
    const { state, reason, counts } = await run({ rate: 1, stopIfFailing: 0.2 });
    expect({ state, reason }).toEqual({
      state: 'stopped',
      reason: expect.stringMatching(/^(\d+) of \1 \(100 %\) failed again, more than 20 %$/),
    });
    expect(counts.failedAgain).toBeGreaterThanOrEqual(5);
    expect(await countMessages(ops.sqs, dead)).toBe(30 - counts.moved);
    expect(counts.moved).toBeLessThan(30);
  });

  it('is done if SQS accepts later what it refused at first', async () => {
    await sendLetters(keys(6));
    refusing(ops.sqs, 'SendMessageBatchCommand', 1, { times: 1 });
    expect(await run({ canary: 2 })).toMatchObject({ state: 'done', counts: { moved: 6 } });
    expect(await countMessages(ops.sqs, dead)).toBe(0);
  });

  it('whose record cannot be updated stops, because nobody could cancel it', async () => {
    await sendLetters(keys(40));
    failing(ops.s3, 'PutObjectCommand', new Error('denied'), { after: 1, times: 1 });
    const record = await run({ rate: 1 });
    expect(record).toMatchObject({
      state: 'failed',
      reason: 'its record could not be kept: Error: denied',
    });
    expect(record.counts.moved).toBeLessThan(40);
    expect(await findRecord(ops, record.id)).toMatchObject({ state: 'failed', counts: record.counts });
  });

  it('leaves nothing waiting when it ends', async () => {
    await sendLetters(keys(3));
    let waiting = 0;
    const time: OpsContext['time'] = {
      ...FAST_TIME,
      async wait(milliseconds, signal) {
        waiting += 1;
        // The next update of its record is an hour away.
        await FAST_TIME.wait(milliseconds < 2000 ? milliseconds : 36_000_000, signal);
        waiting -= 1;
      },
    };
    ops = { ...ops, time };
    expect(await run({ wait: true })).toMatchObject({ state: 'done', counts: { gone: 3 } });
    expect(waiting).toBe(0);
  });
});

describe('a redrive that another run continues', () => {
  /** Runs until it is stopped, and returns the record and the progress for the next run. */
  async function interrupted(more: Partial<RedriveRequest>, stop: AbortController) {
    const handedOver: Progress[] = [];
    const onInterrupted = async (progress: Progress) => void handedOver.push(progress);
    const record = await run(more, { onInterrupted }, stop.signal);
    expect(handedOver).toHaveLength(1);
    return { record, progress: handedOver[0] };
  }

  it('hands over what it follows and what it could not move, once everything is moved', async () => {
    const stop = new AbortController();
    await bench.upload('a.jpg');
    const source: Source = {
      async move({ onMoved, onRefused, onUnseen }) {
        onMoved({ id: 'a', objects: [{ bucket: 'uploads', key: 'a.jpg' }] }, 'new-a');
        onRefused('b');
        onUnseen?.(3);
      },
    };
    // Its first look at the queues comes seconds after it has moved everything.
    before(ops.sqs, 'GetQueueAttributesCommand', { QueueUrl: ops.deployment.retryQueueUrl }, () =>
      Promise.resolve(stop.abort()),
    );
    const { record, progress } = await interrupted({ source, wait: true }, stop);
    expect(progress).toEqual({
      canaryOver: false,
      movedAt: expect.any(String),
      refused: 1,
      unseen: 3,
      following: [{ key: 'a.jpg', bucket: 'uploads', newIds: ['new-a'] }],
    });
    const counts = { moved: 1, converted: 0, failedAgain: 0, gone: 0, pending: 1 };
    expect(record).toMatchObject({ state: 'running', counts });
    expect(await findRecord(ops, record.id)).toMatchObject({ state: 'running', counts });
  });

  it('hands over only what it follows while its canary is not complete', async () => {
    const stop = new AbortController();
    await sendLettersOfUploads(keys(4));
    refusing(ops.sqs, 'SendMessageBatchCommand', 1, { times: 1 });
    ops.sqs.middlewareStack.add(
      (next, { commandName }) =>
        async (args) => {
          const answer = await next(args);
          if (commandName === 'SendMessageBatchCommand') stop.abort();
          return answer;
        },
      { step: 'initialize', priority: 'low' },
    );
    const { record, progress } = await interrupted({ canary: 4, rate: 2, timeout: 60 }, stop);
    expect(record.counts).toMatchObject({ moved: 1, pending: 1 });
    expect(progress).toEqual({
      canaryOver: false,
      following: [
        { key: expect.stringContaining('photos/'), bucket: 'uploads', newIds: [expect.any(String)] },
      ],
    });
  });

  it('moves nothing more after everything was moved, and reports what could not be moved', async () => {
    await sendLetters(keys(3));
    const moved: Progress = { canaryOver: false, movedAt: new Date().toISOString(), following: [] };
    expect(await run({ before: { ...moved, refused: 0, unseen: 2 } })).toMatchObject({
      state: 'stopped',
      reason: 'other readers kept 2 dead letters hidden; run the redrive again',
      counts: { moved: 0 },
    });
    expect(await run({ before: { ...moved, refused: 2, unseen: 0 } })).toMatchObject({
      state: 'stopped',
      reason: 'SQS refused 2 messages, which stay in their queue',
      counts: { moved: 0 },
    });
    expect(await countMessages(ops.sqs, dead)).toBe(3);
  });

  it('waits for the outcomes of the rest no longer than a single run would', async () => {
    await bench.upload('a.jpg');
    const left: number[] = [];
    const time: OpsContext['time'] = {
      ...FAST_TIME,
      limit(milliseconds) {
        left.push(milliseconds);
        return AbortSignal.abort();
      },
    };
    ops = { ...ops, time };
    const progress: Progress = {
      canaryOver: false,
      movedAt: new Date(Date.now() - 3_600_000).toISOString(),
      following: [{ key: 'a.jpg', bucket: 'uploads', newIds: ['new-a'] }],
    };
    expect(await run({ wait: true, timeout: 1800, before: progress })).toMatchObject({
      state: 'done',
      counts: { pending: 1 },
    });
    expect(left).toEqual([0]);
  });
});
