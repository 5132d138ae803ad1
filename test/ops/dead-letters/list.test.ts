import { PutObjectCommand } from '@aws-sdk/client-s3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { dirtyMessage } from '../../../src/core/notification.ts';
import type { OpsContext } from '../../../src/ops/context.ts';
import { groupByCode, retentionOf } from '../../../src/ops/dead-letters/groups.ts';
import { listDeadLetters } from '../../../src/ops/dead-letters/list.ts';
import { queueState } from '../../../src/ops/dead-letters/queue-state.ts';
import { KEYS, keysOf, listed, sendLetters } from '../../support/dead-letters.ts';
import { failing } from '../../support/failing.ts';
import { letterOf, opsOf, sendAll } from '../../support/ops.ts';
import { startBench, type Bench } from '../../support/worker.ts';

let bench: Bench;
let ops: OpsContext;
let queue: string;
beforeEach(async () => {
  bench = await startBench();
  ops = opsOf(bench);
  queue = ops.deployment.deadLetterQueueUrl;
});
afterEach(() => bench.stop());

const visible = async () => (await queueState(ops, queue)).visible;

/** Stores a failure report for the key. */
const reportOn = (key: string, about: object, versionId?: string) =>
  ops.s3.send(
    new PutObjectCommand({
      Bucket: 'failures',
      Key: key,
      Body: JSON.stringify({
        version: 1,
        status: 'failed',
        message: 'why',
        bucket: 'uploads',
        key,
        source: { etag: '"x"', lastModified: '2026-01-01T00:00:00Z', versionId },
        recipe: 'r',
        attempt: 2,
        at: '2026-01-01T00:00:00Z',
        messageId: 'm',
        requestId: 'r',
        logGroup: 'g',
        logStream: 's',
        ...about,
      }),
    }),
  );

describe('a listing of dead letters', () => {
  it('contains each of them once, with its reason, and leaves all of them visible', async () => {
    await sendLetters(ops);
    const letters = await listed(ops);
    expect(keysOf(letters)).toEqual(KEYS.toSorted());
    expect(letters.find(({ objects }) => objects.length === 0)).toMatchObject({
      code: 'notification.malformed',
      body: 'junk',
    });
    expect(await visible()).toBe(KEYS.length + 1);
    expect(await listed(ops)).toHaveLength(KEYS.length + 1);
  });

  it('that is aborted leaves all of them visible', async () => {
    await sendLetters(ops);
    for await (const _ of listDeadLetters(ops)) break;
    expect(await visible()).toBe(KEYS.length + 1);
  });

  it('waits for messages that another one is holding, and contains all of them', async () => {
    await sendLetters(ops);
    const other = listDeadLetters(ops);
    await other.next();
    const own = listed(ops);
    await other.return(undefined);
    expect(await own).toHaveLength(KEYS.length + 1);
  });

  it('is not affected by a report of a later version, or by an invalid one', async () => {
    await bench.upload('later.jpg');
    await bench.upload('broken.jpg');
    await reportOn('later.jpg', { code: 'a.later_code' });
    await ops.s3.send(new PutObjectCommand({ Bucket: 'failures', Key: 'broken.jpg', Body: 'no report' }));
    const moved = ['later.jpg', 'broken.jpg'].map((key) => ({ MessageBody: letterOf(key, '').MessageBody }));
    await sendAll(ops, queue, moved);
    const letters = await listed(ops);
    expect(letters.map(({ code }) => code).toSorted()).toEqual(['a.later_code', 'attempt.never_began']);
  });

  it('does not report why another upload failed, unless its own attempt reported it', async () => {
    await bench.upload('replaced.jpg');
    const letter = {
      MessageBody: dirtyMessage({ bucket: 'uploads', key: 'replaced.jpg', versionId: 'mine' }),
    };
    await sendAll(ops, queue, [letter]);
    const codes = async () => (await listed(ops)).map(({ code }) => code);
    const [messageId] = (await listed(ops)).map(({ id }) => id);
    const report = (about: object, versionId?: string) =>
      reportOn('replaced.jpg', { code: 'image.corrupt', ...about }, versionId);

    await report({}, 'another');
    expect(await codes()).toEqual(['attempt.never_began']);
    await report({ messageId }, 'another');
    expect(await codes()).toEqual(['image.corrupt']);
    await report({}, 'mine');
    expect(await codes()).toEqual(['image.corrupt']);
    // From before the bucket was versioned.
    await report({});
    expect(await codes()).toEqual(['attempt.never_began']);
  });

  it('uses the report of any upload if it names no upload', async () => {
    await bench.upload('backfilled.jpg');
    await sendAll(ops, queue, [{ MessageBody: dirtyMessage({ bucket: 'uploads', key: 'backfilled.jpg' }) }]);
    await reportOn('backfilled.jpg', { code: 'image.corrupt' }, 'another');
    expect((await listed(ops)).map(({ code }) => code)).toEqual(['image.corrupt']);
  });

  it('that fails midway leaves all of them visible', async () => {
    await sendLetters(ops);
    failing(ops.sqs, 'ReceiveMessageCommand', new Error('no answer'), { after: 3, times: 1 });
    await expect(listed(ops)).rejects.toThrow('no answer');
    expect(await visible()).toBe(KEYS.length + 1);
  });

  it('hides a message for at most half a minute if its process is killed', async () => {
    await sendLetters(ops);
    const hidden: unknown[] = [];
    ops.sqs.middlewareStack.add(
      (next, { commandName }) =>
        (args) => {
          if (commandName === 'ReceiveMessageCommand')
            hidden.push((args.input as { VisibilityTimeout?: number }).VisibilityTimeout);
          return next(args);
        },
      { step: 'initialize' },
    );
    await listed(ops);
    expect(new Set(hidden)).toEqual(new Set([30]));
  });

  it('is grouped by code, with count, oldest, expiry, a sample, and whether a retry can help', async () => {
    await sendLetters(ops);
    const groups = await groupByCode(listDeadLetters(ops), await retentionOf(ops));
    expect(groups.map(({ code, count, retryCanHelp }) => [code, count, retryCanHelp])).toEqual([
      ['image.corrupt', 60, false],
      ['process.died', 35, true],
      ['notification.malformed', 1, false],
    ]);
    const oldest = await listed(ops).then((letters) =>
      Math.min(...letters.map(({ sentAt }) => sentAt.getTime())),
    );
    expect(groups.map((group) => Date.parse(group.oldest))).toContain(oldest);
    for (const { oldest: sent, expires } of groups)
      expect(Date.parse(expires) - Date.parse(sent)).toBe(14 * 86_400_000);
  });
});
