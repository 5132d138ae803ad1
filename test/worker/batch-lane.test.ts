import { beforeEach, describe, expect, it } from 'vitest';
import { Rejected, Retryable } from '../../src/core/errors.ts';
import { dirtyMessage } from '../../src/core/notification.ts';
import type { ObjectRef } from '../../src/core/object-ref.ts';
import type { Outcome } from '../../src/core/outcome.ts';
import { createBatchLane } from '../../src/worker/batch-lane.ts';
import type { Config } from '../../src/worker/config.ts';
import type { Idempotency, Once } from '../../src/worker/idempotency.ts';
import { outOfTime, type Invocation } from '../../src/worker/invocation.ts';
import type { ProcessObject, Work } from '../../src/worker/process-object.ts';
import type { Queues } from '../../src/worker/queues.ts';
import type { Telemetry } from '../../src/worker/telemetry.ts';
import { contextOf, recordOf } from '../support/worker.ts';

const object = { bucket: 'uploads', key: 'a.jpg' };
const away = new Retryable('storage.unavailable', 'S3 is away');
const context = contextOf();

let sent: [queue: string, message: unknown][];
let counted: string[];
let within: object[];
let works: Work[];
let over: boolean;
let canBegin: boolean;
let convert: () => Promise<Outcome>;
let once: (work: () => Promise<Outcome>) => Promise<Once<Outcome>>;

const telemetry = {
  within(keys: object, run: () => Promise<unknown>) {
    within.push(keys);
    return run();
  },
  info: () => undefined,
  warn: () => undefined,
  count: (counter: string) => void counted.push(counter),
  countRejection: (code: string) => void counted.push(code),
} as unknown as Telemetry;

/** A record that was requeued this many times. */
function recordAfter(rounds: number) {
  const record = recordOf('b', 'arn:conversion');
  record.messageAttributes = { origin: { dataType: 'String', stringValue: 'backfill' } };
  if (rounds > 0)
    record.messageAttributes['millrace-rounds'] = { dataType: 'Number', stringValue: String(rounds) };
  return record;
}

function settle(objects: ObjectRef[] = [object], record = recordAfter(0)) {
  const lane = createBatchLane({
    config: { logGroup: 'g', logStream: 's' } as Config,
    idempotency: { once: (_of: ObjectRef, work: () => Promise<Outcome>) => once(work) } as Idempotency,
    processObject: {
      convert: (work) => {
        works.push(work);
        return convert();
      },
    } as ProcessObject,
    queues: {
      sendToRetry: async (message) => void sent.push(['retry', message]),
      sendToConversion: async (message) => void sent.push(['conversion', message]),
    } as Queues,
    telemetry,
    random: () => 0,
  });
  const invocation = { context, hasResponded: () => over, canBegin: () => canBegin } as Invocation;
  return lane(objects, record, invocation);
}

beforeEach(() => {
  sent = [];
  counted = [];
  within = [];
  works = [];
  over = false;
  canBegin = true;
  convert = async () => ({ kind: 'current' });
  once = async (work) => ({ kind: 'ran', value: await work() });
});

describe('an object in the batch lane', () => {
  it('is converted once, as a first attempt', async () => {
    const record = recordAfter(0);
    await settle([object], record);
    const logs = { requestId: context.awsRequestId, logGroup: 'g', logStream: 's' };
    expect(works).toMatchObject([{ object, record, attempt: 1, logs }]);
    expect([counted, sent]).toEqual([['Current'], []]);
  });

  it('is converted with the other objects of its message, each under its own key in the logs', async () => {
    const other = { bucket: 'scans', key: 'b.jpg', versionId: 'v' };
    await settle([object, other]);
    expect(works.map((work) => work.object)).toEqual([object, other]);
    expect(within).toEqual([object, { bucket: 'scans', key: 'b.jpg' }]);
  });

  it('is settled if it was done before', async () => {
    once = async () => ({ kind: 'done before' });
    await settle();
    expect([counted, sent]).toEqual([['Current'], []]);
  });

  it.each([
    [{ kind: 'gone' }, ['Gone']],
    [{ kind: 'ignored' }, ['Ignored']],
    [{ kind: 'rejected', error: new Rejected('image.corrupt', 'cut off') }, ['Rejected', 'image.corrupt']],
  ] as const)('that is %o is settled', async (outcome, counters) => {
    convert = async () => outcome;
    await settle();
    expect([counted, sent]).toEqual([counters, []]);
  });

  it('is tried again in the retry lane after a transient failure, with a delay', async () => {
    convert = () => Promise.reject(away);
    await settle();
    expect([counted, sent]).toEqual([
      ['Retried'],
      [['retry', { body: dirtyMessage(object), delaySeconds: 2 }]],
    ]);
  });

  it('waits longer in the retry lane if another invocation is working on it', async () => {
    once = async () => ({ kind: 'in progress' });
    await settle();
    expect([counted, sent]).toEqual([
      ['Deferred'],
      [['retry', { body: dirtyMessage(object), delaySeconds: 4 }]],
    ]);
  });

  it('is delivered again after an unexpected error', async () => {
    const bug = new TypeError('a bug');
    convert = () => Promise.reject(bug);
    await expect(settle()).rejects.toBe(bug);
    expect([counted, sent]).toEqual([[], []]);
  });

  it('is left unchanged once the invocation has responded', async () => {
    convert = async () => {
      over = true;
      throw away;
    };
    await settle();
    expect([counted, sent]).toEqual([[], []]);
  });
});

describe('an object for which no time is left', () => {
  it.each(['not even started', 'without a slot'])('(%s) is requeued as if never received', async (how) => {
    if (how === 'not even started') canBegin = false;
    else convert = () => Promise.reject(outOfTime());
    await settle([object], recordAfter(9));
    const attributes = {
      origin: { DataType: 'String', StringValue: 'backfill' },
      'millrace-rounds': { DataType: 'Number', StringValue: '10' },
    };
    expect(sent).toEqual([['conversion', { body: dirtyMessage(object), attributes }]]);
    expect(counted).toEqual(['NotBegun']);
    expect(works).toHaveLength(how === 'not even started' ? 0 : 1);
  });

  it('goes to the retry lane after ten requeues', async () => {
    canBegin = false;
    await settle([object], recordAfter(10));
    expect([counted, sent]).toEqual([
      ['Retried'],
      [['retry', { body: dirtyMessage(object), delaySeconds: 2 }]],
    ]);
  });
});
