import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import { ListObjectVersionsCommand, PutBucketVersioningCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { DEFAULT_RECIPE } from '../../src/core/recipe.ts';
import { finish, millrace, spawnCommand } from '../support/command.ts';
import { eventually } from '../support/eventually.ts';
import { seededRandom } from '../../src/local/random.ts';
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
/** A command is up after a second or so; then it works for some. Starting a hundred of them takes its time. */
const LONGEST_LIFE_MILLISECONDS = 3000;

let folder: string;
let pipeline: TestPipeline;
const workerModule = fileURLToPath(new URL('../support/handlers/poisonable-worker.ts', import.meta.url));
const strict = { ...DEFAULT_RECIPE, limits: { ...DEFAULT_RECIPE.limits, bytes: 5 } };
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-test-'));
  pipeline = await startTestPipeline({ workerModule, data: join(folder, 'data'), recipe: strict });
});
afterAll(async () => {
  await pipeline.stop();
  await rm(folder, { recursive: true, force: true });
});

it(`kill -9 of redrive, export and purge at ${KILLS} random moments: no dead letter is lost, and none converted twice`, async () => {
  const Bucket = 'uploads';
  await Promise.all(
    [...REDRIVEN, ...PURGED].map((Key) =>
      pipeline.s3.send(new PutObjectCommand({ Bucket, Key, Body: `text of ${Key}` })),
    ),
  );
  await untilQuiet(pipeline);
  expect(await countMessages(pipeline.sqs, pipeline.queues.deadLetter)).toBe(300);
  // The cause is mended.
  await pipeline.stop();
  pipeline = await startTestPipeline({ workerModule, data: join(folder, 'data') });
  const VersioningConfiguration = { Status: 'Enabled' as const };
  await pipeline.s3.send(new PutBucketVersioningCommand({ Bucket: 'results', VersioningConfiguration }));

  const random = seededRandom(1);
  let files = 0;
  const newFile = (kind: string) => join(folder, `${kind}-${(files += 1)}.jsonl`);
  const redrive = ['redrive', '--prefix', 'redrive/', '--yes', '--endpoint', pipeline.url];
  const purge = () => [
    'dlq',
    'purge',
    '--prefix',
    'purge/',
    '--yes',
    '--export',
    newFile('purge'),
    '--endpoint',
    pipeline.url,
  ];
  const all = () => ['dlq', 'export', newFile('export'), '--endpoint', pipeline.url];

  /** All three at once, and each is killed at a moment of its own. */
  let died = 0;
  for (let killed = 0; killed < KILLS; killed += 3) {
    const commands = [[...redrive, '--rate', '3'], purge(), all()];
    await Promise.all(
      commands.map(async (args) => {
        const child = spawnCommand(args);
        const ended = finish(child);
        await Promise.race([sleep(random() * LONGEST_LIFE_MILLISECONDS), ended]);
        if (child.kill('SIGKILL')) died += 1;
        await ended;
      }),
    );
  }
  expect(died).toBeGreaterThan(KILLS / 2);

  // What was hidden when its reader died is visible again half a minute later.
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

/** The keys of all whole lines in the files of the purges: the last line of a killed one may be torn. */
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
