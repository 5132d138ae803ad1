import { beforeEach, describe, expect, it } from 'vitest';
import { Rejected, Retryable, UnreportedRejection } from '../../src/core/errors.ts';
import { dirtyMessage } from '../../src/core/notification.ts';
import type { Outcome } from '../../src/core/outcome.ts';
import type { SourceIdentity } from '../../src/core/source.ts';
import type { Reported } from '../../src/worker/failure-reports.ts';
import type { Invocation } from '../../src/worker/invocation.ts';
import { createProcessObject, type Work } from '../../src/worker/process-object.ts';
import type { Telemetry } from '../../src/worker/telemetry.ts';
import { recordOf } from '../support/worker.ts';

const source: SourceIdentity = { etag: '"e"', versionId: 'v', lastModified: '2026-01-01T00:00:00.000Z' };
const cause = new Error('bad Huffman code');
const rejection = new Rejected('image.corrupt', 'cut off', { cause });
const away = new Retryable('storage.unavailable', 'S3 is away');

/** External calls, in order. */
let steps: unknown[];
let over: boolean;
let convertObject: () => Promise<Outcome>;
let store: () => Promise<Reported>;
let sendDeadLetter: () => Promise<void>;
let work: Work;

const processObject = createProcessObject({
  convertObject: (_object, inSlot) => {
    expect(inSlot).toBe(work.invocation.inSlot);
    return convertObject();
  },
  reports: {
    store: (object, content, of) => {
      steps.push({ report: object, ...content, of });
      return store();
    },
    find: () => Promise.reject(new Error('not asked')),
    withdraw: () => Promise.reject(new Error('not asked')),
  },
  sendDeadLetter: (record, body, reason) => {
    steps.push({ deadLetter: body, of: record.messageId, ...reason });
    return sendDeadLetter();
  },
  telemetry: {
    warn: (_message: string, keys: object, error: unknown) => void steps.push({ ...keys, error }),
  } as unknown as Telemetry,
});

beforeEach(() => {
  steps = [];
  over = false;
  convertObject = async () => ({ kind: 'rejected', error: rejection, source });
  store = async () => ({ kind: 'stored', etag: '"1"' });
  sendDeadLetter = async () => undefined;
  work = {
    object: { bucket: 'uploads', key: 'a.jpg' },
    record: recordOf('b', 'arn:conversion'),
    attempt: 3,
    logs: { requestId: 'q', logGroup: 'g', logStream: 's' },
    invocation: { hasResponded: () => over, inSlot: (run) => run() } as Invocation,
  };
});

const warned = () => ({ code: 'image.corrupt', reason: 'cut off', error: cause });
const reported = () => ({
  report: work.object,
  status: 'failed',
  code: 'image.corrupt',
  message: 'cut off',
  attempt: 3,
  messageId: work.record.messageId,
  ...work.logs,
  of: source,
});
const deadLetter = () => ({
  deadLetter: dirtyMessage(work.object),
  of: work.record.messageId,
  code: 'image.corrupt',
  message: 'cut off',
  attempts: 3,
});
const thrown = () => processObject.convert(work).catch((error: unknown) => error);

describe('an object', () => {
  it.each([{ kind: 'current' }, { kind: 'gone' }, { kind: 'ignored' }] as const)(
    'that is %o needs nothing more',
    async (outcome) => {
      convertObject = async () => outcome;
      expect(await processObject.convert(work)).toBe(outcome);
      expect(steps).toEqual([]);
    },
  );

  it('is tried again after a transient or unexpected failure, with its cause', async () => {
    convertObject = () => Promise.reject(away);
    expect(await thrown()).toBe(away);
    const bug = new TypeError('a bug');
    convertObject = () => Promise.reject(bug);
    const error = await thrown();
    expect(error).toBeInstanceOf(Retryable);
    expect(error).toMatchObject({ code: 'internal.unexpected', cause: bug });
    expect(String(error)).toContain('TypeError: a bug');
    expect(steps).toEqual([]);
  });
});

describe('a rejection', () => {
  it('has its report before its dead letter', async () => {
    expect(await processObject.convert(work)).toEqual({ kind: 'rejected', error: rejection, source });
    expect(steps).toEqual([warned(), reported(), deadLetter()]);
  });

  it('has a dead letter even if its report cannot be stored', async () => {
    store = async () => ({ kind: 'key too long' });
    expect(await processObject.convert(work)).toMatchObject({ kind: 'rejected' });
    expect(steps).toEqual([warned(), reported(), deadLetter()]);
  });

  it.each(['gone', 'superseded'] as const)('of an upload that is %s is not reported', async (kind) => {
    store = async () => ({ kind });
    expect(await processObject.convert(work)).toEqual({ kind: 'gone' });
    expect(steps).toEqual([warned(), reported()]);
  });

  it('that cannot be reported is tried again for the error that prevented it, and remembered', async () => {
    sendDeadLetter = () => Promise.reject(away);
    const error = await thrown();
    expect(error).toBeInstanceOf(UnreportedRejection);
    expect(error).toMatchObject({ code: away.code, message: away.message, rejection, source, cause: away });
    store = () => Promise.reject(away);
    expect(await thrown()).toBeInstanceOf(UnreportedRejection);
  });

  it('is reported by the next invocation if this one has responded in the meantime', async () => {
    store = async () => {
      over = true;
      return { kind: 'stored', etag: '"1"' };
    };
    expect(await thrown()).toMatchObject({ code: 'batch.out_of_time', rejection, source });
    expect(steps).toEqual([warned(), reported()]);
  });

  it('passes on a bug in reporting unchanged', async () => {
    const bug = new TypeError('a bug');
    sendDeadLetter = () => Promise.reject(bug);
    expect(await thrown()).toBe(bug);
  });
});
