import { afterEach, beforeEach, expect, it } from 'vitest';
import type { OpsContext } from '../../../src/ops/context.ts';
import { listDeadLetters } from '../../../src/ops/dead-letters/list.ts';
import { runDrill } from '../../../src/cli/drill/run-drill.ts';
import { eventually } from '../../support/eventually.ts';
import { letterOf, opsOf, sendAll } from '../../support/ops.ts';
import { listKeys } from '../../support/pipeline.ts';
import { startBench, type Bench } from '../../support/worker.ts';

let bench: Bench;
let ops: OpsContext;
beforeEach(async () => {
  bench = await startBench();
  ops = opsOf(bench);
});
afterEach(() => bench.stop());

const OTHERS = Array.from({ length: 15 }, (_, index) => `photos/${String(index).padStart(2, '0')}.jpg`);

it('a failed fire drill removes only its own dead letter', async () => {
  const dead = ops.deployment.deadLetterQueueUrl;
  await sendAll(
    ops,
    dead,
    OTHERS.map((key) => letterOf(key, 'image.corrupt')),
  );
  const stop = new AbortController();
  const drill = runDrill({
    ops,
    // The alarm never fires, so that the drill fails after its dead letter has arrived.
    readAlarm: () => Promise.resolve('ok'),
    who: 'operator',
    stepSeconds: 600,
    stop: stop.signal,
    onStep(text) {
      if (text.startsWith('it is in the dead-letter queue')) stop.abort();
    },
    onNotice: () => undefined,
  });
  const failure = drill.then(String, String);
  const key = await eventually('the poison is uploaded', async () =>
    (await listKeys(ops.s3, 'uploads')).find((each) => each.startsWith('.millrace-drill/')),
  );
  // The worker's role.
  await sendAll(ops, dead, [letterOf(key, 'image.unsupported_format')]);
  expect(await failure).toContain('interrupted before the alarm');

  const left: string[] = [];
  for await (const { objects } of listDeadLetters(ops)) left.push(objects[0]?.key ?? '');
  expect(left.toSorted()).toEqual(OTHERS);
  expect(await listKeys(ops.s3, 'uploads')).toEqual([]);
});

const rulesOf = (...patterns: string[]) =>
  patterns.map((pattern) => ({ keys: [pattern], renditions: ['other'] }));

/** Runs a drill that is interrupted after the upload. */
async function drillWith(
  changes: Partial<OpsContext['deployment']>,
): Promise<{ steps: string[]; failure: string }> {
  const steps: string[] = [];
  const failure = await runDrill({
    ops: { ...ops, deployment: { ...ops.deployment, ...changes } },
    readAlarm: () => Promise.resolve('ok'),
    who: 'operator',
    stepSeconds: 600,
    stop: AbortSignal.abort(),
    onStep: (text) => steps.push(text),
    onNotice: () => undefined,
  }).then(String, String);
  return { steps, failure };
}

it.each([
  [['*.csv'], /\.png$/],
  [['*.png', '.millrace-drill/*.gif'], /\.jpg$/],
  [['*.png', '*.JPG'], /-[0-9a-f]{12}$/],
])('a fire drill uploads a key that the patterns %s leave to images', async (patterns, key) => {
  const { steps } = await drillWith({ rules: rulesOf(...patterns) });
  expect(steps).toEqual([expect.stringMatching(key)]);
});

it('a fire drill uploads a key that the recipe does not ignore', async () => {
  expect((await drillWith({ ignore: ['*.PNG'] })).steps).toEqual([expect.stringMatching(/\.jpg$/)]);
  const { steps, failure } = await drillWith({ ignore: ['*'] });
  expect(steps).toEqual([]);
  expect(failure).toContain('ignores every key that it tried or assigns it to another conversion');
});

it('a fire drill uploads nothing if all keys are for other conversions', async () => {
  const { steps, failure } = await drillWith({ rules: rulesOf('reports/**', '**') });
  expect(steps).toEqual([]);
  expect(failure).toContain('assigns it to another conversion');
  expect(await listKeys(ops.s3, 'uploads')).toEqual([]);
});
