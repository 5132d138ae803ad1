import type { SQSRecord } from 'aws-lambda';
import { beforeEach, describe, expect, it } from 'vitest';
import { Rejected, Retryable, UnreportedRejection } from '../../src/core/errors.ts';
import { dirtyMessage } from '../../src/core/notification.ts';
import type { Outcome } from '../../src/core/outcome.ts';
import type { Config } from '../../src/worker/config.ts';
import type { Reported } from '../../src/worker/failure-reports.ts';
import type { Invocation } from '../../src/worker/invocation.ts';
import type { Queues } from '../../src/worker/queues.ts';
import type { RemoveResults } from '../../src/worker/remove-results.ts';
import { createRetryLane } from '../../src/worker/retry-lane.ts';
import type { Telemetry } from '../../src/worker/telemetry.ts';
import { contextOf, recordOf } from '../support/worker.ts';

const object = { bucket: 'uploads', key: 'a.jpg' };
const source = { etag: '"e"', versionId: 'v', lastModified: '2026-01-01T00:00:00.000Z' };
const away = new Retryable('storage.unavailable', 'S3 is away');
const rejection = new Rejected('image.corrupt', 'cut off');
const bug = new TypeError('a bug');
const context = contextOf();

/** External calls, in order. */
let steps: [what: string, ...details: unknown[]][];
let within: object[];
let over: boolean;
let convert: () => Promise<Outcome>;
let store: () => Promise<Reported>;
let giveUp: () => Promise<'reported' | 'superseded' | 'gone'>;
let removed: Awaited<ReturnType<RemoveResults>> | Error;
let withdraw: () => Promise<void>;
let onSent: () => void;

const note =
  (what: string) =>
  async (...details: unknown[]) =>
    void steps.push([what, ...details]);
const telemetry = {
  within(keys: object, run: () => Promise<unknown>) {
    within.push(keys);
    return run();
  },
  info: () => undefined,
  warn: (_message: string, _keys: object, error?: unknown) => void steps.push(['warn', error]),
  error: (_message: string, keys: object, error: unknown) => void steps.push(['error', keys, error]),
  count: (counter: string) => void steps.push(['count', counter]),
  countRejection: (code: string) => void steps.push(['count', code]),
} as unknown as Telemetry;

/** Settles a record's objects in this attempt, out of five. */
function settle(attempt: number, objects = [object], record = recordOf('b', 'arn:retry', attempt)) {
  const lane = createRetryLane({
    config: { maxAttempts: 5, logGroup: 'g', logStream: 's' } as Config,
    processObject: {
      convert: async () => {
        steps.push(['convert']);
        return convert();
      },
      giveUp: async (_work, failure, of) => {
        steps.push(['give up', failure, of]);
        return giveUp();
      },
    },
    reports: {
      store: async (of, content, about) => {
        steps.push(['report', of, content, about]);
        return store();
      },
      withdraw: async (of, etag) => {
        steps.push(['withdraw', of, etag]);
        await withdraw();
        return true;
      },
      find: () => Promise.reject(new Error('not asked')),
    },
    removeResults: async (of) => {
      steps.push(['remove', of]);
      if (removed instanceof Error) throw removed;
      return removed;
    },
    queues: {
      hideInRetry: note('hide'),
      async sendToRetry(message: object) {
        steps.push(['send', message]);
        onSent();
      },
    } as unknown as Queues,
    sendDeadLetter: note('dead letter'),
    telemetry,
    random: () => 0,
  });
  return lane(objects, record, { context, hasResponded: () => over } as Invocation);
}
const names = () => steps.map(([what]) => what);
const givenUp = () => steps.find(([what]) => what === 'give up');

beforeEach(() => {
  steps = [];
  within = [];
  over = false;
  convert = async () => ({ kind: 'current' });
  store = async () => ({ kind: 'stored', etag: '"1"' });
  giveUp = async () => 'reported';
  removed = { kind: 'gone' };
  withdraw = async () => undefined;
  onSent = () => undefined;
});

describe('an attempt', () => {
  it('is reported before it starts, and its report is withdrawn if it succeeds', async () => {
    const record = recordOf('b', 'arn:retry', 2);
    await settle(2, [object], record);
    expect(steps).toEqual([
      [
        'report',
        object,
        {
          status: 'attempting',
          code: 'process.died',
          message: expect.stringContaining('attempt 2'),
          attempt: 2,
          messageId: record.messageId,
          requestId: context.awsRequestId,
          logGroup: 'g',
          logStream: 's',
        },
        undefined,
      ],
      ['convert'],
      ['withdraw', object, '"1"'],
      ['count', 'Current'],
    ]);
    expect(within).toEqual([{ ...object, attempt: 2 }]);
  });

  it("keeps a rejection's report, and withdraws none if it could not be stored", async () => {
    convert = async () => ({ kind: 'rejected', error: rejection, source });
    await settle(1);
    expect(names()).not.toContain('withdraw');
    convert = async () => ({ kind: 'current' });
    store = async () => ({ kind: 'key too long' });
    await settle(1);
    expect(names()).not.toContain('withdraw');
  });

  it('does not start for an upload that is superseded', async () => {
    store = async () => ({ kind: 'superseded' });
    await settle(1);
    expect(names()).toEqual(['report', 'count']);
    expect(steps[1]).toEqual(['count', 'Gone']);
  });

  it('does not start for an upload that is gone; removes its results', async () => {
    store = async () => ({ kind: 'gone' });
    removed = { kind: 'gone', deleted: 2 };
    await settle(1);
    expect(steps.slice(1)).toEqual([
      ['remove', object],
      ['count', 'Gone'],
    ]);
  });

  it.each([
    ['cannot be deleted', away],
    ['are back', 'back' as const],
  ])(
    'that is the last for a deleted upload whose results %s ends with a dead letter',
    async (_what, answer) => {
      convert = () => Promise.reject(away);
      giveUp = async () => 'gone';
      removed = answer;
      await settle(5);
      expect(names().slice(-5)).toEqual(['remove', 'warn', 'dead letter', 'count', 'count']);
      steps = [];
      removed = { kind: 'gone', deleted: 1 };
      await settle(5);
      expect(names().slice(-2)).toEqual(['remove', 'count']);
      expect(names()).not.toContain('dead letter');
      expect(steps.at(-1)).toEqual(['count', 'Gone']);
    },
  );

  it('starts anyway if the upload is back by then, and is delivered again if it keeps disappearing', async () => {
    const answers: Reported[] = [{ kind: 'gone' }, { kind: 'stored', etag: '"1"' }];
    store = async () => answers.shift() ?? { kind: 'gone' };
    removed = 'back';
    await settle(1);
    expect(names()).toEqual(['report', 'remove', 'report', 'convert', 'withdraw', 'count']);
    steps = [];
    await expect(settle(1)).rejects.toMatchObject({ code: 'storage.contended' });
    expect(names().filter((name) => name === 'remove')).toHaveLength(3);
    expect(names()).not.toContain('convert');
  });

  it('succeeds even if its report cannot be withdrawn', async () => {
    withdraw = () => Promise.reject(away);
    await settle(1);
    expect(steps.slice(-2)).toEqual([
      ['warn', away],
      ['count', 'Current'],
    ]);
  });

  it.each(['the report', 'the conversion'])('hides its message longer each time %s fails', async (what) => {
    if (what === 'the report') store = () => Promise.reject(away);
    else convert = () => Promise.reject(away);
    const hidden: unknown[] = [];
    for (const attempt of [1, 2, 4]) {
      steps = [];
      const record = recordOf('b', 'arn:retry', attempt);
      await expect(settle(attempt, [object], record)).rejects.toBe(away);
      expect(steps.at(-1)).toEqual(['hide', record, expect.any(Number)]);
      hidden.push(steps.at(-1)?.[2]);
      expect(steps).toContainEqual(['count', 'Retried']);
    }
    expect(hidden).toEqual([2, 4, 16]);
  });

  it('passes on unexpected errors, and settles nothing', async () => {
    convert = () => Promise.reject(bug);
    await expect(settle(5)).rejects.toBe(bug);
    expect(names()).toEqual(['report', 'convert']);
  });

  it('settles nothing once its invocation has responded', async () => {
    over = true;
    convert = () => Promise.reject(away);
    await settle(1);
    await settle(5);
    expect(names()).toEqual(['report', 'convert', 'report', 'convert']);
  });
});

describe('the last attempt', () => {
  it.each([5, 6])('(%i) ends with the reason of the last failure', async (attempt) => {
    convert = () => Promise.reject(away);
    await settle(attempt);
    expect(steps.slice(2)).toEqual([
      ['error', { code: away.code, reason: away.message }, away],
      ['give up', expect.any(Rejected), undefined],
      ['count', 'Rejected'],
      ['count', 'retries.exhausted'],
    ]);
    expect(givenUp()?.[1]).toMatchObject({
      code: 'retries.exhausted',
      message: `${attempt} attempts failed, the last one with storage.unavailable: S3 is away`,
      cause: away,
    });
  });

  it('keeps the reason that every attempt took too long', async () => {
    convert = () =>
      Promise.reject(new Retryable('conversion.timeout', 'it took longer than 30 s, its limit'));
    await settle(5);
    expect(givenUp()?.[1]).toMatchObject({
      code: 'conversion.timeout',
      message: '5 attempts failed, the last one with conversion.timeout: it took longer than 30 s, its limit',
    });
  });

  it('reports the upload that it tried to convert, even if a later one exists by then', async () => {
    const slow = new Retryable('conversion.timeout', 'it took longer than 30 s, its limit', { source });
    convert = () => Promise.reject(slow);
    await settle(5);
    expect(givenUp()).toEqual(['give up', expect.any(Rejected), source]);
  });

  it('keeps the code of a conversion that asked for another attempt each time', async () => {
    convert = () => Promise.reject(new Retryable('poster.no_program', 'ffmpeg is not there'));
    await settle(5);
    expect(givenUp()?.[1]).toMatchObject({
      code: 'poster.no_program',
      message: '5 attempts failed, the last one with poster.no_program: ffmpeg is not there',
    });
  });

  it('that succeeds ends like any other', async () => {
    await settle(5);
    expect(names()).toEqual(['report', 'convert', 'withdraw', 'count']);
  });

  it('reports what is wrong with the upload if only reporting it failed', async () => {
    convert = () => Promise.reject(new UnreportedRejection(rejection, source, away));
    await settle(5);
    expect(steps.slice(-3)).toEqual([
      ['give up', rejection, source],
      ['count', 'Rejected'],
      ['count', 'image.corrupt'],
    ]);
  });

  it('at an upload that a later one replaced is not counted as a failure, and its report is withdrawn', async () => {
    convert = () => Promise.reject(away);
    giveUp = async () => 'superseded';
    await settle(5);
    expect(steps.slice(-2)).toEqual([
      ['withdraw', object, '"1"'],
      ['count', 'Gone'],
    ]);
    expect(steps).not.toContainEqual(['count', 'Rejected']);
  });

  it('has a dead letter even if its report cannot be stored', async () => {
    convert = () => Promise.reject(away);
    giveUp = () => Promise.reject(away);
    const record: SQSRecord = recordOf('b', 'arn:retry', 5);
    await settle(5, [object], record);
    expect(steps.slice(-4)).toEqual([
      ['warn', away],
      [
        'dead letter',
        record,
        dirtyMessage(object),
        {
          code: 'retries.exhausted',
          message: '5 attempts failed, the last one with storage.unavailable: S3 is away',
          attempts: 5,
        },
      ],
      ['count', 'Rejected'],
      ['count', 'retries.exhausted'],
    ]);
  });

  it('is delivered again if its invocation responded before it was reported, or after a bug', async () => {
    convert = () => Promise.reject(away);
    giveUp = () => Promise.reject(bug);
    await expect(settle(5)).rejects.toBe(bug);
    giveUp = () => {
      over = true;
      return Promise.reject(away);
    };
    await expect(settle(5)).rejects.toBe(away);
    expect(names()).not.toContain('dead letter');
  });
});

describe('a message', () => {
  it('with several objects is split into one message each, with its attributes', async () => {
    const record = recordOf('b', 'arn:retry', 5);
    record.messageAttributes = { origin: { dataType: 'String', stringValue: 'backfill' } };
    const other = { ...object, key: 'b.jpg' };
    await settle(5, [object, other], record);
    const attributes = { origin: { DataType: 'String', StringValue: 'backfill' } };
    expect(steps).toEqual([
      ['send', { body: dirtyMessage(object), attributes }],
      ['send', { body: dirtyMessage(other), attributes }],
    ]);
  });

  it('with several objects is split no further once its invocation has responded', async () => {
    onSent = () => void (over = true);
    const others = ['b.jpg', 'c.jpg'].map((key) => ({ ...object, key }));
    await expect(settle(5, [object, ...others])).rejects.toMatchObject({ code: 'batch.out_of_time' });
    expect(names()).toEqual(['send']);
  });

  it('without an object is settled', async () => {
    await settle(1, []);
    expect(steps).toEqual([]);
  });
});
