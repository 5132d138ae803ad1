import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { IncomingMessage } from 'node:http';
import { ListObjectVersionsCommand, PutBucketVersioningCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { seededRandom } from '@millrace/local-aws/models';
import { DEFAULT_RECIPE } from '../../src/core/recipe.ts';
import { handlerFile } from '../support/handler-file.ts';
import { finish, millrace, spawnCommand } from '../support/command.ts';
import { eventually } from '../support/eventually.ts';
import { FUZZ_SEED } from '../support/fuzz.ts';
import { startGate, stepOf } from '../support/gate.ts';
import {
  countMessages,
  listKeys,
  startTestPipeline,
  untilQuiet,
  type TestPipeline,
} from '../support/pipeline.ts';
import { takesLong } from '../support/takes-long.ts';

takesLong();

const REDRIVEN = Array.from({ length: 150 }, (_, index) => `redrive/${index}.txt`);
const PURGED = Array.from({ length: 150 }, (_, index) => `purge/${index}.txt`);
const KILLS = 102;

const STEPS = {
  redrive: ['PutObject', 'ReceiveMessage', 'SendMessageBatch', 'DeleteMessageBatch'],
  purge: ['ReceiveMessage', 'DeleteMessageBatch'],
  export: ['ReceiveMessage', 'ChangeMessageVisibilityBatch'],
} as const;
type Command = keyof typeof STEPS;
const COMMANDS = Object.keys(STEPS) as Command[];

/** A request at which a command may be killed: before it arrives, or after it takes effect. */
interface Moment {
  command: Command;
  step: string;
  when: 'before' | 'after';
}
const MOMENTS = COMMANDS.flatMap((command) =>
  STEPS[command].flatMap((step): Moment[] => [
    { command, step, when: 'before' },
    { command, step, when: 'after' },
  ]),
);
const nameOf = ({ command, step, when }: Moment) => `${command}, ${when} ${step}`;
const ROUNDS_OF_ALL = Math.max(...COMMANDS.map((command) => 2 * STEPS[command].length));

let folder: string;
let pipeline: TestPipeline;
const workerModule = handlerFile('poisonable-worker');
const strict = { ...DEFAULT_RECIPE, limits: { ...DEFAULT_RECIPE.limits, bytes: 5 } };
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-test-'));
  pipeline = await startTestPipeline({ workerModule, data: join(folder, 'data'), recipe: strict });
});
afterAll(async () => {
  await pipeline.stop();
  await rm(folder, { recursive: true, force: true });
});

it(`redrive, export and purge, killed at ${KILLS} moments, lose no dead letter and convert none twice`, async () => {
  const Bucket = 'uploads';
  await Promise.all(
    [...REDRIVEN, ...PURGED].map((Key) =>
      pipeline.s3.send(new PutObjectCommand({ Bucket, Key, Body: `text of ${Key}` })),
    ),
  );
  await untilQuiet(pipeline);
  expect(await countMessages(pipeline.sqs, pipeline.queues.deadLetter)).toBe(300);
  // The cause is fixed.
  await pipeline.stop();
  pipeline = await startTestPipeline({ workerModule, data: join(folder, 'data') });
  const VersioningConfiguration = { Status: 'Enabled' as const };
  await pipeline.s3.send(new PutBucketVersioningCommand({ Bucket: 'results', VersioningConfiguration }));

  const random = seededRandom(FUZZ_SEED);
  let files = 0;
  const newFile = (kind: string) => join(folder, `${kind}-${(files += 1)}.jsonl`);
  const commandOf: Record<Command, () => string[]> = {
    redrive: () => ['redrive', '--prefix', 'redrive/', '--yes'],
    purge: () => ['dlq', 'purge', '--prefix', 'purge/', '--yes', '--export', newFile('purge')],
    export: () => ['dlq', 'export', newFile('export')],
  };

  /** Runs all three at once and kills each at a different step: first at every step, then as the seed determines. */
  const struck = new Set<string>();
  let killed = 0;
  for (let round = 0; killed < KILLS; round += 1) {
    const moments = COMMANDS.map((command) => {
      const all = MOMENTS.filter((moment) => moment.command === command);
      const index = round < ROUNDS_OF_ALL ? round : Math.floor(random() * all.length);
      return {
        ...(all[index % all.length] ?? never()),
        nth: round < all.length ? 1 : 1 + Math.floor(random() * 3),
      };
    });
    const kills = await Promise.all(
      moments.map(async (moment) => ({
        moment,
        isKilled: await killedAt(moment, commandOf[moment.command]()),
      })),
    );
    for (const { moment, isKilled } of kills) {
      if (!isKilled) continue;
      killed += 1;
      struck.add(nameOf(moment));
    }
  }
  expect([...struck].toSorted()).toEqual(MOMENTS.map(nameOf).toSorted());

  const redrive = [...commandOf.redrive(), '--endpoint', pipeline.url];
  const purge = () => [...commandOf.purge(), '--endpoint', pipeline.url];
  // Messages hidden by a killed reader are visible again half a minute later.
  await eventually('what is left is redriven and purged', async () => {
    await millrace(...redrive);
    await millrace(...purge());
    return (await countMessages(pipeline.sqs, pipeline.queues.deadLetter)) === 0;
  });
  await untilQuiet(pipeline);

  expect((await listKeys(pipeline.s3, 'results')).toSorted()).toEqual(REDRIVEN.toSorted());
  const { Versions = [] } = await pipeline.s3.send(new ListObjectVersionsCommand({ Bucket: 'results' }));
  expect(Versions).toHaveLength(REDRIVEN.length);
  expect([...(await copiedKeys())].toSorted()).toEqual(PURGED.toSorted());
});

/** Kills a command at a step's nth occurrence. Returns whether it occurred. */
async function killedAt({ step, when, nth }: Moment & { nth: number }, args: string[]): Promise<boolean> {
  let steps = 0;
  let struck = false;
  let kill: () => void = () => undefined;
  const at = (request: IncomingMessage) => {
    const isStep = (stepOf(request) ?? (request.method === 'PUT' ? 'PutObject' : '')) === step;
    if (!isStep || (steps += 1) !== nth) return undefined;
    struck = true;
    kill();
    // The request, or its response, is not forwarded.
    return new Promise<void>(() => undefined);
  };
  const gate = await startGate(pipeline, {
    [when === 'before' ? 'hold' : 'answered']: at,
    // Messages that a killed command was reading become visible soon, so that the next one finds them.
    rewrite: (body) => body.replace('"VisibilityTimeout":30', '"VisibilityTimeout": 3'),
  });
  try {
    const child = spawnCommand([...args, '--endpoint', gate.url]);
    kill = () => void child.kill('SIGKILL');
    await finish(child);
    return struck;
  } finally {
    await gate.stop();
  }
}

function never(): never {
  throw new Error('each command has steps');
}

/** Returns the keys in all complete lines of the purges' files. A killed purge's last line may be incomplete. */
async function copiedKeys(): Promise<Set<string>> {
  const keys = new Set<string>();
  for (const name of await readdir(folder)) {
    if (!name.startsWith('purge-')) continue;
    const lines = (await readFile(join(folder, name), 'utf8')).split('\n').slice(0, -1);
    for (const line of lines)
      for (const { key } of (JSON.parse(line) as { objects: { key: string }[] }).objects) keys.add(key);
  }
  return keys;
}
