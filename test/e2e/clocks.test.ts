import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ListObjectVersionsCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { MACHINE } from '@millrace/local-aws/models';
import { ARCHIVE_PREFIX } from '../../src/core/reserved-prefixes.ts';
import { objectStatus } from '../../src/ops/object-status.ts';
import { listUploadStates } from '../../src/ops/list-upload-states.ts';
import { cases, fc } from '../support/fuzz.ts';
import { halves } from '../support/images.ts';
import { startJumpingPipeline } from '../support/jumping-pipeline.ts';
import { listKeys } from '../support/pipeline.ts';
import { shiftDate } from '../support/shifted-date.ts';

const DAY = 86_400_000;
const HOUR = DAY / 24;

const jump = fc.oneof(
  fc.integer({ min: -40 * DAY, max: 40 * DAY }),
  fc.constantFrom(-DAY, DAY, -3 * HOUR, 5 * DAY, 15 * DAY, -1, 1),
);
const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('upload' as const),
      key: fc.constantFrom('a', 'b', 'c', 'd'),
      sound: fc.boolean(),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('work' as const), jump }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('jump' as const), jump }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('run' as const), milliseconds: fc.nat(2 * HOUR) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('restart' as const), jump }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('die' as const) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('lose' as const) }) },
);

type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

let image: Buffer;
const environment = { ...process.env };
beforeAll(async () => {
  process.env['POWERTOOLS_LOG_LEVEL'] = 'SILENT';
  process.env['POWERTOOLS_METRICS_DISABLED'] = 'true';
  image = await halves('#ff0000', '#0000ff', 16, 16).png().toBuffer();
});
afterAll(() => {
  process.env = environment;
});

type Pipeline = Awaited<ReturnType<typeof startJumpingPipeline>>;

/** Performs steps on a machine whose clock jumps, and checks the state when the pipeline is at rest. */
async function play(
  steps: readonly Step[],
  look: (pipeline: Pipeline, sound: Map<string, boolean>, order: string[]) => Promise<void>,
) {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-test-'));
  const date = shiftDate();
  let passed = 0;
  const machine = {
    wall: () => Date.now(),
    elapsed: () => MACHINE.elapsed() + passed,
    pass(milliseconds: number) {
      passed += milliseconds;
      date.jump(milliseconds);
    },
  };
  const start = async () => {
    const started = await startJumpingPipeline(folder, machine);
    await started.begin();
    return started;
  };
  const sound = new Map<string, boolean>();
  const order: string[] = [];
  let pipeline = await start();
  try {
    for (const each of steps) {
      switch (each.kind) {
        case 'upload':
          await pipeline.upload(each.key, each.sound ? image : 'no image');
          sound.set(each.key, each.sound);
          order.push(each.key);
          break;
        case 'work':
          await pipeline.work(() => date.jump(each.jump));
          break;
        case 'jump':
          date.jump(each.jump);
          break;
        case 'run':
          pipeline.run(each.milliseconds);
          break;
        case 'die':
          pipeline.die();
          break;
        case 'lose':
          pipeline.lose();
          break;
        case 'restart':
          await pipeline.stop();
          date.jump(each.jump);
          pipeline = await start();
      }
    }
    await pipeline.stop();
    pipeline = await start();
    await pipeline.archive();
    await pipeline.rest();
    await look(pipeline, sound, order);
  } finally {
    await pipeline.stop();
    date.restore();
    await rm(folder, { recursive: true, force: true });
  }
}

it('whatever the clock does, each upload ends converted or failed, and no message stays hidden', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 16 }), (steps) =>
      play(steps, async ({ ops, aws }, sound, order) => {
        const expected = [...sound].map(([key, isSound]) => [key, isSound ? 'converted' : 'failed']);
        const keys = [...sound.keys()].toSorted();
        expect(await listKeys(ops.s3, 'uploads')).toEqual(keys);
        for (const [key = '', status] of expected)
          expect(await objectStatus(ops.s3, ops.deployment, { bucket: 'uploads', key })).toMatchObject({
            status,
          });
        const listed = [];
        for await (const { key, state } of listUploadStates(ops.s3, ops.deployment, ''))
          listed.push([key, state]);
        expect(listed).toEqual(expected.toSorted(([a = ''], [b = '']) => (a < b ? -1 : 1)));

        // Each upload is a version, and their times are in the order of acknowledgement.
        const { Versions = [] } = await ops.s3.send(new ListObjectVersionsCommand({ Bucket: 'uploads' }));
        expect(Versions).toHaveLength(order.length);
        const stored = [...aws.s3.bucket('uploads').versions.values()].flat();
        const bySequence = stored.toSorted((a, b) => a.sequence - b.sequence);
        expect(bySequence.map(({ key }) => key)).toEqual(order);
        const times = bySequence.map(({ lastModified }) => lastModified);
        expect(times).toEqual(times.toSorted((a, b) => a - b));

        // Each failure has a dead letter, in the queue or in the archive.
        const dead = aws.sqs.queue('millrace-dead-letters');
        const archived = (await listKeys(ops.s3, 'failures')).filter((key) => key.startsWith(ARCHIVE_PREFIX));
        const failed = expected.filter(([, status]) => status === 'failed').length;
        expect([...dead.all()].length + archived.length).toBeGreaterThanOrEqual(failed);
      }),
    ),
    { numRuns: cases(12) },
  );
}, 600_000);
