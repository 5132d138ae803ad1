import { randomUUID } from 'node:crypto';
import { DeleteObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { firstMatch } from '../../core/key-patterns.ts';
import { ignoringNames } from '../../core/ignored.ts';
import { failureKey } from '../../core/keys.ts';
import { messageOf } from '../../core/message-of.ts';
import type { ObjectRef } from '../../core/object-ref.ts';
import { resultKeys } from '../../core/result-keys.ts';
import type { StoredResult } from '../../core/outcome.ts';
import type { AlarmState } from '../../ops/alarm.ts';
import { timeOf, type OpsContext } from '../../ops/context.ts';
import type { DeadLetter } from '../../ops/dead-letters/dead-letter.ts';
import { listDeadLetters } from '../../ops/dead-letters/list.ts';
import { takeDeadLetters } from '../../ops/dead-letters/take.ts';
import { objectStatus } from '../../ops/object-status.ts';
import { runRedrive } from '../../ops/redrive/run.ts';
import { fromQueue } from '../../ops/redrive/choose.ts';

/** Returns the alarm's state, or undefined if the deployment has no alarm. */
export type ReadAlarm = () => Promise<AlarmState | undefined>;

export interface Drill {
  ops: OpsContext;
  readAlarm: ReadAlarm;
  who: string;
  /** Time limit for each step. */
  stepSeconds: number;
  stop: AbortSignal;
  onStep(text: string): void;
  /** Called with what the drill waits for before its first step, and what it could not remove. */
  onNotice(text: string): void;
}

export interface DrillReport {
  key: string;
  code: string;
  /** Whether the deployment has an alarm. */
  alarmed: boolean;
  results: StoredResult[];
}

/** Thrown when a step does not happen in time. */
export class DrillFailed extends Error {
  override readonly name = 'DrillFailed';
}

const POLL_MILLISECONDS = 1000;
/** Content that no recipe can convert. */
const POISON = 'a fire drill: this is no image';
/** The smallest PNG, of one pixel. */
const FIXED = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);

/**
 * Tests the path of a failure on the running pipeline: a poison object reaches the dead-letter queue with its reason,
 * the alarm goes off, the object is fixed and redriven, and has its result. Then removes these objects.
 * @throws DrillFailed that names the step that did not happen
 */
export async function runDrill(drill: Drill): Promise<DrillReport> {
  const { ops } = drill;
  const [bucket = ''] = ops.deployment.uploadBuckets;
  const object = { bucket, key: imageKey(ops.deployment) };
  if ((await drill.readAlarm()) === 'alarm') {
    drill.onNotice(
      'waiting for the alarm on dead letters to return to OK; other dead letters keep it in ALARM: millrace dlq',
    );
    await until(
      drill,
      'the alarm on dead letters returned to OK',
      async () => (await drill.readAlarm()) !== 'alarm',
    );
  }
  const report = await throughAllSteps(drill, object).catch(async (error: unknown) => {
    await clear(drill, object);
    throw error;
  });
  if (!(await clear(drill, object)))
    throw new DrillFailed('it could not remove all of its objects; remove those listed above');
  return report;
}

async function throughAllSteps(drill: Drill, object: ObjectRef): Promise<DrillReport> {
  const { ops, onStep } = drill;
  const { bucket } = object;
  await put(ops, object, POISON);
  onStep(`uploaded a poison object: s3://${bucket}/${object.key}`);

  const letter = await until(drill, 'the poison object is in the dead-letter queue', () =>
    findLetter(ops, object.key),
  );
  onStep(`it is in the dead-letter queue: ${letter.code}: ${letter.message}`);

  const alarmed = (await drill.readAlarm()) !== undefined;
  if (alarmed) {
    await until(
      drill,
      'the alarm on dead letters entered ALARM',
      async () => (await drill.readAlarm()) === 'alarm',
    );
    onStep('the alarm is in ALARM');
  } else onStep('this deployment has no alarm to look at');

  await put(ops, object, FIXED);
  onStep('fixed the object: uploaded an image under the same key');
  const record = await runRedrive(
    ops,
    {
      source: fromQueue(ops, { key: object.key }),
      stopIfFailing: 1,
      wait: true,
      timeout: drill.stepSeconds,
      who: drill.who,
      why: 'fire drill',
      what: `dead letters with key ${object.key}`,
    },
    drill.stop,
  );
  if (drill.stop.aborted) throw new DrillFailed('interrupted before the redrive finished');
  const { moved, failedAgain, pending } = record.counts;
  if (moved === 0 || failedAgain + pending > 0)
    throw new DrillFailed(
      `the redrive did not fix it: ${moved} moved, ${failedAgain} failed again, ${pending} pending`,
    );
  onStep('redriven, and converted');

  const results = await until(drill, 'the fixed object has its result', async () => {
    const status = await objectStatus(ops.s3, ops.deployment, object);
    return status.status === 'converted' ? status.results : undefined;
  });
  for (const { key, contentType, bytes } of results)
    onStep(`its result: s3://${ops.deployment.resultBucket}/${key} (${contentType}, ${bytes} bytes)`);
  return { key: object.key, code: letter.code, alarmed, results };
}

/**
 * Returns a new key of an image.
 * @throws DrillFailed if every such key is for another conversion or ignored: the drill needs an image, which is known
 *   to fail and then convert
 */
function imageKey({ rules, ignore }: OpsContext['deployment']): string {
  const name = `.millrace-drill/${randomUUID()}`;
  const ruleOf = firstMatch(rules);
  const isIgnored = ignoringNames(ignore);
  const key = [`${name}.png`, `${name}.jpg`, name].find(
    (each) => ruleOf(each) === undefined && !isIgnored(each),
  );
  if (key !== undefined) return key;
  throw new DrillFailed(
    `the drill needs the key of an image, but the configuration ignores every key that it tried or assigns it to another conversion, such as ${name}.png`,
  );
}

async function until<T>(
  { ops, stepSeconds, stop }: Drill,
  what: string,
  look: () => Promise<T | false | undefined>,
): Promise<T> {
  const time = timeOf(ops);
  const deadline = time.now() + stepSeconds * 1000;
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    if (stop.aborted) throw new DrillFailed(`interrupted before ${what}`);
    if (time.now() > deadline) throw new DrillFailed(`timed out after ${stepSeconds} s, before ${what}`);
    await time.wait(POLL_MILLISECONDS, stop);
  }
}

async function findLetter(ops: OpsContext, key: string): Promise<DeadLetter | undefined> {
  let found: DeadLetter | undefined;
  for await (const letter of listDeadLetters(ops))
    if (letter.objects.some((object) => object.key === key)) found = letter;
  return found;
}

async function put({ s3 }: OpsContext, { bucket, key }: ObjectRef, Body: string | Buffer) {
  await s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body }));
}

/**
 * Removes the source first, so that nothing makes its result again.
 * @returns whether everything was removed
 */
async function clear({ ops, onNotice }: Drill, object: ObjectRef): Promise<boolean> {
  const { s3, deployment } = ops;
  let isClear = true;
  const attempt = async (what: string, remove: () => Promise<unknown>) => {
    try {
      await remove();
    } catch (error) {
      isClear = false;
      onNotice(`could not remove ${what}: ${messageOf(error)}`);
    }
  };
  const remove = (Bucket: string, Key: string) =>
    attempt(`s3://${Bucket}/${Key}`, () => s3.send(new DeleteObjectCommand({ Bucket, Key })));
  await remove(object.bucket, object.key);
  for (const key of resultKeys(object, deployment)) await remove(deployment.resultBucket, key);
  await remove(deployment.failureBucket, failureKey(object, deployment));
  // If the drill failed midway, its dead letter would keep the alarm on.
  const handle = (letters: DeadLetter[]) => Promise.resolve(new Set(letters.map(({ id }) => id)));
  await attempt('its dead letter', () =>
    takeDeadLetters(ops, { filter: { key: object.key }, pollers: 1, handle }),
  );
  return isClear;
}
