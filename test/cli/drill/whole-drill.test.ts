import { PurgeQueueCommand } from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { runDrill } from '../../../src/cli/drill/run-drill.ts';
import type { AlarmState } from '../../../src/ops/alarm.ts';
import { listDeadLetters } from '../../../src/ops/dead-letters/list.ts';
import { startCommandBench, type CommandBench } from '../../support/command-bench.ts';
import { instantTime } from '../../support/instant-time.ts';
import { letterOf, sendAll } from '../../support/ops.ts';
import { listKeys } from '../../support/pipeline.ts';

let bench: CommandBench;
let steps: string[];
let key: string;
beforeEach(async () => {
  bench = await startCommandBench();
  [steps, key] = [[], ''];
});
afterEach(() => bench.stop());

interface Pipeline {
  /** The alarm's states, one after another; the last stays. */
  alarm?: (AlarmState | undefined)[];
  /** Runs before the alarm's state is read. */
  beforeAlarm?: () => Promise<unknown>;
  /** Whether the poison object becomes a dead letter. */
  rejects?: boolean;
  /** Whether the fixed object gets its result. */
  converts?: boolean;
  stop?: AbortSignal;
  /** Called in place of the conversion. */
  onFixed?: () => void;
}

/** Runs a drill whose clock does not wait. The test takes the worker's role. */
function drillOn({
  alarm = ['ok', 'ok', 'ok', 'alarm'],
  beforeAlarm = () => Promise.resolve(),
  rejects = true,
  converts = true,
  stop = new AbortController().signal,
  onFixed,
}: Pipeline) {
  // While the redrive moves messages over HTTP, its follower waits again and again, as often as the machine can.
  const time = instantTime(Number.POSITIVE_INFINITY);
  const dead = bench.ops.deployment.deadLetterQueueUrl;
  const reject = () => sendAll(bench.ops, dead, [letterOf(key, 'image.unsupported_format', 'no image')]);
  return runDrill({
    ops: { ...bench.ops, time },
    async readAlarm() {
      await beforeAlarm();
      return alarm.length > 1 ? alarm.shift() : alarm[0];
    },
    who: 'operator',
    stepSeconds: 10,
    stop,
    onNotice: (text) => void steps.push(text),
    onStep(text) {
      steps.push(text);
      if (text.startsWith('uploaded')) {
        key = text.slice(text.indexOf('.millrace-drill/'));
        if (rejects) time.at(time.now() + 2000, reject);
      }
      if (text.startsWith('fixed') && onFixed !== undefined) return onFixed();
      if (text.startsWith('fixed') && converts) time.at(time.now() + 2000, () => bench.convert(key));
    },
  });
}

/** Returns the keys of all dead letters. A malformed one has none. */
async function deadKeys(): Promise<string[]> {
  const keys: string[] = [];
  for await (const { objects } of listDeadLetters(bench.ops)) keys.push(objects[0]?.key ?? 'malformed');
  return keys;
}

/** Returns what is left of the drill. */
async function left(): Promise<string[]> {
  const keys = await Promise.all(
    ['uploads', 'results', 'failures'].map((bucket) => listKeys(bench.s3, bucket)),
  );
  return [...keys.flat(), ...(await deadKeys())].filter((each) => each.startsWith('.millrace-drill/'));
}

it('a fire drill passes if the failure reaches the alarm, and the redrive converts the fixed object', async () => {
  const report = await drillOn({});
  expect(report).toMatchObject({
    key: expect.stringMatching(/^\.millrace-drill\/.*\.png$/),
    code: 'image.unsupported_format',
    alarmed: true,
    results: [{ rendition: 'web', key: report.key }],
  });
  expect(steps).toEqual([
    `uploaded a poison object: s3://uploads/${key}`,
    'it is in the dead-letter queue: image.unsupported_format: no image',
    'the alarm is in ALARM',
    'fixed the object: uploaded an image under the same key',
    'redriven, and converted',
    `its result: s3://results/${key} (image/webp, 6 bytes)`,
  ]);
  expect(await left()).toEqual([]);
});

it('a fire drill passes without an alarm if the deployment has none', async () => {
  expect(await drillOn({ alarm: [undefined] })).toMatchObject({ alarmed: false });
  expect(steps[2]).toBe('this deployment has no alarm to look at');
});

it('a fire drill begins when the alarm is off, because it could not go off again', async () => {
  expect(await drillOn({ alarm: ['alarm', 'alarm', 'ok', 'ok', 'ok', 'alarm'] })).toMatchObject({
    alarmed: true,
  });
  expect(steps.slice(0, 2)).toEqual([
    'waiting for the alarm on dead letters to return to OK; other dead letters keep it in ALARM: millrace dlq',
    `uploaded a poison object: s3://uploads/${key}`,
  ]);
  await expect(drillOn({ alarm: ['alarm'] })).rejects.toThrow(
    'timed out after 10 s, before the alarm on dead letters returned to OK',
  );
});

it('a fire drill that is interrupted during the redrive says so', async () => {
  const stop = new AbortController();
  const drill = drillOn({ stop: stop.signal, onFixed: () => stop.abort() });
  await expect(drill).rejects.toThrow('interrupted before the redrive finished');
  expect(await left()).toEqual([]);
});

it('a fire drill whose objects cannot be removed says that, too, and takes its dead letter', async () => {
  bench.s3.middlewareStack.add(
    (next, { commandName }) =>
      (args) => {
        if (commandName === 'DeleteObjectCommand') throw new Error('AccessDenied');
        return next(args);
      },
    { step: 'initialize' },
  );
  const notices = () => steps.filter((text) => text.includes('could not remove'));
  await expect(drillOn({ alarm: ['ok'] })).rejects.toThrow(
    /^timed out after 10 s, before the alarm on dead letters entered ALARM$/,
  );
  expect(notices()).toEqual(
    ['uploads', 'results', 'failures'].map(
      (bucket) => `could not remove s3://${bucket}/${key}: AccessDenied`,
    ),
  );
  expect(await deadKeys()).toEqual([]);
  await expect(drillOn({})).rejects.toThrow('it could not remove all of its objects');
  expect(notices()).toHaveLength(6);
});

it('a fire drill does not touch other dead letters', async () => {
  const malformed = { MessageBody: 'no notification' };
  const dead = bench.ops.deployment.deadLetterQueueUrl;
  await sendAll(bench.ops, dead, [malformed, letterOf('photo.jpg', 'image.corrupt')]);
  expect(await drillOn({})).toMatchObject({ code: 'image.unsupported_format' });
  expect((await deadKeys()).toSorted()).toEqual(['malformed', 'photo.jpg']);
});

it('a fire drill fails if its dead letter is gone before it is redriven', async () => {
  const QueueUrl = bench.ops.deployment.deadLetterQueueUrl;
  let purged: Promise<unknown> | undefined;
  const purgeOnce = () => {
    if (steps.length === 0) return Promise.resolve();
    return (purged ??= bench.sqs.send(new PurgeQueueCommand({ QueueUrl })));
  };
  const drill = drillOn({ alarm: ['ok', 'alarm'], beforeAlarm: purgeOnce });
  await expect(drill).rejects.toThrow('the redrive did not fix it: 0 moved, 0 failed again, 0 pending');
  expect(await left()).toEqual([]);
});

it.each([
  [
    'is not rejected',
    { rejects: false },
    'timed out after 10 s, before the poison object is in the dead-letter',
    1,
  ],
  [
    'sets off no alarm',
    { alarm: ['ok' as const] },
    'timed out after 10 s, before the alarm on dead letters',
    2,
  ],
  [
    'is not converted',
    { converts: false },
    'the redrive did not fix it: 1 moved, 0 failed again, 1 pending',
    4,
  ],
])('a fire drill fails if its object %s, and removes it', async (_, pipeline, message, done) => {
  const drill = drillOn(pipeline);
  await expect(drill).rejects.toThrow(message);
  await expect(drill).rejects.toMatchObject({ name: 'DrillFailed' });
  expect(steps).toHaveLength(done);
  expect(await left()).toEqual([]);
});
