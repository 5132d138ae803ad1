import { PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { objectsOf, reasonFor } from '../../src/ops/dead-letters/reason.ts';
import { handlerFile } from '../support/handler-file.ts';
import { eventually } from '../support/eventually.ts';
import {
  countMessages,
  deadLetters,
  listKeys,
  read,
  readReport,
  startTestPipeline,
  untilQuiet,
  type TestPipeline,
} from '../support/pipeline.ts';
import { takesLong } from '../support/takes-long.ts';

takesLong();

let pipeline: TestPipeline;
beforeAll(async () => {
  const workerModule = handlerFile('poisonable-worker');
  // One process, so that the poison shares its batch with the others.
  pipeline = await startTestPipeline({ workerModule, concurrency: 1 });
});
afterAll(() => pipeline.stop());

const put = (key: string, body: string) =>
  pipeline.s3.send(new PutObjectCommand({ Bucket: 'uploads', Key: key, Body: body }));

it('if one object of ten kills its process, nine are converted, and one dead letter reports it', async () => {
  const innocents = Array.from({ length: 9 }, (_, index) => `innocent-${index}.txt`);
  await Promise.all([put('poison.txt', 'POISON'), ...innocents.map((key) => put(key, `text of ${key}`))]);

  await eventually(
    'the poison is a dead letter',
    async () => (await countMessages(pipeline.sqs, pipeline.queues.deadLetter)) > 0,
  );
  await untilQuiet(pipeline);
  expect(await listKeys(pipeline.s3, 'results')).toEqual(innocents);
  for (const key of innocents) {
    expect((await read(pipeline.s3, 'results', key))?.bytes.toString()).toContain(
      `TEXT OF ${key.toUpperCase()}`,
    );
  }

  const letters = await deadLetters(pipeline);
  expect(letters.map((letter) => objectsOf(letter).map(({ key }) => key))).toEqual([['poison.txt']]);
  const buckets = { uploadBuckets: ['uploads'], resultBucket: 'results', failureBucket: 'failures' };
  const [letter] = letters;
  if (letter === undefined) throw new Error('expected a dead letter');
  expect(await reasonFor(letter, { bucket: 'uploads', key: 'poison.txt' }, pipeline.s3, buckets)).toEqual({
    code: 'process.died',
    message: 'the process died during attempt 5: out of memory, crash or timeout',
    attempts: 5,
  });

  // The provisional report remains and names the dead process's log; those of the other objects are gone.
  expect(await listKeys(pipeline.s3, 'failures')).toEqual(['poison.txt']);
  const report = await readReport(pipeline.s3, 'poison.txt');
  expect(report).toMatchObject({ status: 'attempting', code: 'process.died', attempt: 5 });
  expect(report?.logStream).toMatch(/^\d{4}-\d\d-\d\d-/);
});
