import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type { SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { millrace, millraceStart, type Started } from '../support/command.ts';
import { createTestFolder, type TestFolder } from '../support/command-folder.ts';
import { clientsOf, listKeys, untilQuiet } from '../support/pipeline.ts';
import { jsonLines } from '../support/json-lines.ts';

let started: Started;
let folder: TestFolder;
let s3: S3Client;
let sqs: SQSClient;
beforeAll(async () => {
  folder = await createTestFolder();
  const recipe = await folder.file('recipe.json', '{"ignore":["*.tmp"]}');
  started = await millraceStart('--concurrency', '1', '--recipe', recipe);
  ({ s3, sqs } = clientsOf(started.awsUrl));
  for (const name of ['a.png', '.DS_Store', 'sub/b.TMP']) await folder.image(`photos/${name}`);
});
afterAll(async () => {
  s3.destroy();
  sqs.destroy();
  await started.end('SIGTERM');
  await folder.remove();
});

const run = (...args: string[]) => millrace(...args, '--endpoint', started.url);
const put = (Key: string, Body: string) => s3.send(new PutObjectCommand({ Bucket: 'uploads', Key, Body }));

it("upload skips exactly the files in a folder that the pipeline's recipe ignores", async () => {
  const finished = await run('upload', folder.at('photos'), '--prefix', 'folder/', '--wait');
  expect(finished).toMatchObject({ code: 0, stderr: expect.stringContaining('ignored 1 file (*.tmp)\n') });
  expect(finished.stdout).toMatch(/^2 uploaded .*, 2 converted, 0 pending, 0 failed in /);
  expect((await listKeys(s3, 'results')).filter((key) => key.startsWith('folder/'))).toEqual([
    'folder/.DS_Store',
    'folder/a.png',
  ]);
});

it.each([[['--prefix', 'named/']], [['--api']]])(
  'upload %j --wait uploads an ignored file if it is named, and ends',
  async (options) => {
    const one = folder.at('photos/sub/b.TMP');
    const finished = await run('upload', one, ...options, '--wait');
    expect(finished.code).toBe(0);
    expect(finished.stderr).not.toContain('ignored');
    expect(finished.stdout).toMatch(/^1 uploaded .*, 0 converted, 0 pending, 1 ignored, 0 failed in /);
    const json = await run('upload', one, ...options, '--wait', '--json');
    expect(json.code).toBe(0);
    expect(jsonLines(json.stdout)).toMatchObject([
      ...(options[0] === '--api' ? [{ type: 'batch' }] : []),
      { type: 'ignored', key: expect.stringMatching(/b\.TMP$/) },
      { type: 'summary', uploaded: 1, converted: 0, failed: 0, pending: 0, ignored: 1 },
    ]);
  },
);

it('status counts ignored uploads, and is settled if all are ignored', async () => {
  await put('status/folder/', '');
  await put('status/a.tmp', 'x');
  const counted = await run('status', 'status/');
  expect(counted).toMatchObject({
    code: 0,
    stdout: '2 uploaded, 0 converted, 0 failed, 0 pending, 2 ignored\n',
    stderr: expect.stringContaining('from listings'),
  });
  expect(await run('status', 'status/', '--watch')).toMatchObject({ code: 0, stdout: counted.stdout });
  expect(await run('status', 'status/folder/')).toMatchObject({
    code: 0,
    stdout: '1 uploaded, 0 converted, 0 failed, 0 pending, 1 ignored\n',
  });
  expect(await run('status', 'status/a.tmp')).toMatchObject({
    code: 0,
    stdout: 'status/a.tmp: ignored\n  nothing to convert: the recipe ignores this name\n',
  });
});

it('a redrive ends for an upload that was replaced by a folder placeholder', async () => {
  await put('redrive/', 'no image');
  await untilQuiet({ sqs, queues: started.queues });
  await put('redrive/', '');
  const redriven = await run('redrive', '--key', 'redrive/', '--wait', '--timeout', '60', '--yes');
  expect(redriven).toMatchObject({ code: 0, stdout: expect.stringContaining('1 gone, 0 pending') });
});
