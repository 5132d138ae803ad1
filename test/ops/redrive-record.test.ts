import { DeleteObjectCommand, PutObjectCommand, S3ServiceException } from '@aws-sdk/client-s3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { REDRIVES_PREFIX } from '../../src/core/reserved-prefixes.ts';
import type { OpsContext } from '../../src/ops/context.ts';
import {
  findRecord,
  listRecords,
  newRecord,
  openRecord,
  requestCancel,
  takeRecordOn,
} from '../../src/ops/redrive/record.ts';
import { before, failing } from '../support/failing.ts';
import { opsOf } from '../support/ops.ts';
import { read } from '../support/pipeline.ts';
import { startBench, type Bench } from '../support/worker.ts';

let bench: Bench;
let ops: OpsContext;
beforeEach(async () => {
  bench = await startBench();
  ops = opsOf(bench);
});
afterEach(() => bench.stop());

const RECORD = newRecord({ who: 'operator', why: 'fixed', what: 'all dead letters' });
const KEY = `${REDRIVES_PREFIX}${RECORD.id}.json`;

/** The response to a retry of a conditional write that has already taken effect. */
const lostCondition = () =>
  new S3ServiceException({
    name: 'PreconditionFailed',
    $fault: 'client',
    $metadata: { httpStatusCode: 412 },
  });

const put = (Key: string, Body: string) =>
  ops.s3.send(new PutObjectCommand({ Bucket: 'failures', Key, Body }));

describe('the record of a redrive', () => {
  it('has an id that contains its start, to the millisecond', () => {
    const { id, startedAt, updatedAt } = newRecord({ who: 'a', why: 'b', what: 'c' });
    expect(id).toMatch(/^\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d-\d{3}Z-[0-9a-f]{12}$/);
    expect(id.slice(0, 24).replaceAll(/\D/g, '')).toBe(startedAt.replaceAll(/\D/g, ''));
    expect(updatedAt).toBe(startedAt);
  });

  it('says at first that it is running and has moved nothing', () => {
    expect(newRecord({ who: 'a', why: 'b', what: 'c', runs: 0 })).toMatchObject({
      version: 1,
      state: 'running',
      who: 'a',
      why: 'b',
      what: 'c',
      runs: 0,
      cancelRequested: false,
      counts: { moved: 0, converted: 0, failedAgain: 0, gone: 0, pending: 0 },
    });
  });

  it('is JSON that a browser can show', async () => {
    await openRecord(ops, RECORD);
    const stored = await read(ops.s3, 'failures', KEY);
    expect(stored?.contentType).toBe('application/json');
    expect(JSON.parse(String(stored?.bytes))).toEqual(RECORD);
  });

  it('is stored once if the response to its first write is lost and the SDK retries', async () => {
    let writes = 0;
    ops.s3.middlewareStack.add(
      (next, { commandName }) =>
        async (args) => {
          if (commandName === 'PutObjectCommand' && (writes += 1) === 1) await next(args);
          return next(args);
        },
      { step: 'initialize' },
    );
    const kept = await openRecord(ops, RECORD);
    expect(await kept.update({ state: 'done' })).toBe(false);
    expect(await findRecord(ops, RECORD.id)).toMatchObject({ state: 'done', who: 'operator' });
  });

  it('is not reset by a first write that takes effect late', async () => {
    let late: (() => Promise<unknown>) | undefined;
    ops.s3.middlewareStack.add(
      (next, { commandName }) =>
        (args) => {
          if (commandName === 'PutObjectCommand') late ??= () => next(args);
          return next(args);
        },
      { step: 'initialize' },
    );
    const kept = await openRecord(ops, RECORD);
    await kept.update({ state: 'done' });
    await expect(late?.()).rejects.toMatchObject({ name: 'PreconditionFailed' });
    expect(await findRecord(ops, RECORD.id)).toMatchObject({ state: 'done' });
  });

  it('says at the next update that it was cancelled, and keeps both changes', async () => {
    const kept = await openRecord(ops, RECORD);
    expect(await requestCancel(ops, RECORD.id)).toBe(true);
    const counts = { ...RECORD.counts, moved: 3 };
    expect(await kept.update({ counts })).toBe(true);
    expect(await findRecord(ops, RECORD.id)).toMatchObject({
      state: 'running',
      cancelRequested: true,
      counts: { moved: 3 },
    });
  });

  it('of a redrive that is over cannot be cancelled, and no run continues it', async () => {
    const kept = await openRecord(ops, { ...RECORD, runs: 1 });
    await kept.update({ state: 'failed', reason: 'could not start' });
    expect(await requestCancel(ops, RECORD.id)).toBe(false);
    expect(await takeRecordOn(ops, RECORD.id, 1)).toBeUndefined();
    expect(await findRecord(ops, RECORD.id)).toMatchObject({
      state: 'failed',
      runs: 1,
      cancelRequested: false,
    });
  });

  it.each([
    [9, 'running'],
    [11, 'cancelled'],
  ])('that was not updated for %i minutes is %s once it is cancelled', async (minutes, state) => {
    const updatedAt = new Date(Date.now() - minutes * 60_000).toISOString();
    const kept = await openRecord(ops, { ...RECORD, updatedAt });
    expect(await requestCancel(ops, RECORD.id)).toBe(true);
    expect(await findRecord(ops, RECORD.id)).toMatchObject({ state, cancelRequested: true });
    // Its process may only have been suspended.
    expect(await kept.update({ counts: { ...RECORD.counts, moved: 1 } })).toBe(true);
    expect(await findRecord(ops, RECORD.id)).toMatchObject({ state, counts: { moved: 1 } });
  });

  it('does not exist for an unknown id', async () => {
    expect(await findRecord(ops, RECORD.id)).toBeUndefined();
  });

  it('that S3 refuses to return is not mistaken for a redrive that does not exist', async () => {
    await openRecord(ops, RECORD);
    failing(ops.s3, 'GetObjectCommand', new Error('denied'));
    await expect(findRecord(ops, RECORD.id)).rejects.toThrow('denied');
    await expect(listRecords(ops, 1)).rejects.toThrow('denied');
  });
});

describe('a run of a redrive', () => {
  beforeEach(() => openRecord(ops, { ...RECORD, runs: 2, cancelRequested: true }));

  it('is taken once, by its number', async () => {
    expect(await takeRecordOn(ops, RECORD.id, 1)).toBeUndefined();
    expect(await takeRecordOn(ops, RECORD.id, 3)).toBeUndefined();
    const taken = await takeRecordOn(ops, RECORD.id, 2);
    expect(taken?.record).toMatchObject({ who: 'operator', state: 'running', runs: 3 });
    expect(await findRecord(ops, RECORD.id)).toEqual(taken?.record);
    expect(await takeRecordOn(ops, RECORD.id, 2)).toBeUndefined();
    expect(await taken?.kept.update({ state: 'done' })).toBe(true);
    expect(await findRecord(ops, RECORD.id)).toMatchObject({ state: 'done', runs: 3 });
  });

  it('is taken by one of two processes that want it at the same time', async () => {
    const taken = await Promise.all([takeRecordOn(ops, RECORD.id, 2), takeRecordOn(ops, RECORD.id, 2)]);
    expect(taken.filter((each) => each !== undefined)).toHaveLength(1);
  });

  it('is taken although the response to that write was lost', async () => {
    failing(ops.s3, 'PutObjectCommand', lostCondition(), { times: 1, answerLost: true });
    const taken = await takeRecordOn(ops, RECORD.id, 2);
    expect(taken?.record).toMatchObject({ runs: 3 });
    expect(await taken?.kept.update({ state: 'done' })).toBe(true);
    expect(await findRecord(ops, RECORD.id)).toMatchObject({ state: 'done', runs: 3 });
  });
});

describe('the list of redrives', () => {
  it('is empty before the first redrive', async () => {
    expect(await listRecords(ops, 10)).toEqual([]);
  });

  it('has room for a redrive despite newer objects with other names', async () => {
    await openRecord(ops, { ...RECORD, id: RECORD.id.replace(/^..../, '2025') });
    await openRecord(ops, RECORD);
    await put(`${REDRIVES_PREFIX}a-report.jpg`, '{}');
    await put(`${REDRIVES_PREFIX}zzz/${RECORD.id}.json.gz`, '{}');
    expect((await listRecords(ops, 1)).map(({ id }) => id)).toEqual([RECORD.id]);
  });

  it('leaves out what only has the name of a record', async () => {
    await openRecord(ops, RECORD);
    await put(`${REDRIVES_PREFIX}9999-01-01T00-00-00-000Z-aaaaaaaaaaaa.json`, 'not JSON');
    await put(`${REDRIVES_PREFIX}9999-01-01T00-00-00-000Z-bbbbbbbbbbbb.json`, '{"version":1}');
    expect((await listRecords(ops, 3)).map(({ id }) => id)).toEqual([RECORD.id]);
  });

  it('leaves out a record that expires in the meantime', async () => {
    await openRecord(ops, RECORD);
    before(ops.s3, 'GetObjectCommand', { Key: KEY }, () =>
      ops.s3.send(new DeleteObjectCommand({ Bucket: 'failures', Key: KEY })),
    );
    expect(await listRecords(ops, 1)).toEqual([]);
  });
});
