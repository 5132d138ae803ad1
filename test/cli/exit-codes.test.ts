import type { IncomingMessage } from 'node:http';
import { access } from 'node:fs/promises';
import { CreateBucketCommand, type S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  finish,
  millrace,
  millraceIn,
  millraceStart,
  spawnCommand,
  type Started,
  withoutProgress,
} from '../support/command.ts';
import { createTestFolder, type TestFolder } from '../support/command-folder.ts';
import { startGate } from '../support/gate.ts';
import { clientsOf } from '../support/pipeline.ts';
import { startTestServer } from '../support/http-server.ts';

let started: Started;
let folder: TestFolder;
let s3: S3Client;
beforeAll(async () => {
  [started, folder] = await Promise.all([millraceStart('--concurrency', '1'), createTestFolder()]);
  s3 = clientsOf(started.awsUrl).s3;
  await s3.send(new CreateBucketCommand({ Bucket: 'nothing-comes' }));
  await folder.image('good/a.png');
  await folder.file('bad/text.jpg', 'I am no photo');
  for (let index = 0; index < 40; index += 1)
    await folder.file(`many/${String(index).padStart(2, '0')}.txt`, 'one of many');
});
afterAll(async () => {
  s3.destroy();
  await started.end('SIGTERM');
  await folder.remove();
});

const upload = (...args: string[]) => millrace('upload', ...args, '--endpoint', started.url);
/** A pipeline that never produces a result or report. */
const silent = () =>
  startGate(started, { change: { resultBucket: 'nothing-comes', failureBucket: 'nothing-comes' } });

it('0: every object was converted', async () => {
  const finished = await upload(folder.at('good'), '--prefix', 'zero/', '--wait');
  expect([finished.code, withoutProgress(finished.stderr)]).toEqual([0, '']);
  expect(finished.stdout).toMatch(
    /^1 uploaded \(\d+ bytes\), 0 skipped, 1 converted, 0 pending, 0 failed in /,
  );
});

it('1: some objects failed, each with its reason', async () => {
  const finished = await upload(folder.at('bad'), folder.at('good'), '--prefix', 'one/', '--wait');
  expect(finished.code).toBe(1);
  expect(finished.stdout).toMatch(
    /^failed {2}one\/text\.jpg {2}image\.unsupported_format {2}the content is/m,
  );
  expect(finished.stdout).toMatch(/1 converted, 0 pending, 1 failed/);
  expect(await millrace('status', 'one/', '--endpoint', started.url)).toMatchObject({
    code: 1,
    stdout: '2 uploaded, 1 converted, 1 failed, 0 pending\n',
  });
});

it('1: the dead letter does not exist', async () => {
  expect(await millrace('dlq', 'show', 'nobody', '--endpoint', started.url)).toEqual({
    code: 1,
    stdout: '',
    stderr: 'millrace: no dead letter has the key or the id nobody\n',
  });
});

it.each([
  [
    ['dlq', 'export', '@none.jsonl', '--code', 'image.corrupt'],
    'there are no dead letters with code image.corrupt',
  ],
  [['dlq', 'export', '@none.jsonl', '--key', 'nobody'], 'there are no dead letters with key nobody'],
  [
    ['dlq', 'purge', '--export', '@none.jsonl', '--prefix', 'no/', '--yes'],
    'there are no dead letters with prefix no/',
  ],
  [['redrive', '--key', 'nobody'], 'there are no dead letters with key nobody'],
  [['redrive', '--key', 'nobody', '--yes'], 'there are no dead letters with key nobody'],
  [['status', 'nobody/'], 'no upload has the key or prefix nobody/'],
  [['backfill', 'nobody/', '--yes'], 'no upload has the key or prefix nobody/'],
])('1: %j matches nothing, and no file is written or named', async (words, message) => {
  const command = words.map((word) => word.replace(/^@/, `${folder.path}/`));
  const finished = await millrace(...command, '--endpoint', started.url);
  expect(finished.code).toBe(1);
  expect(finished.stderr).toContain(`millrace: ${message}\n`);
  const json = await millrace(...command, '--json', '--endpoint', started.url);
  expect(json.code).toBe(1);
  for (const text of [finished.stdout, finished.stderr, json.stdout, json.stderr])
    expect(text).not.toContain('none.jsonl');
  await expect(access(folder.at('none.jsonl'))).rejects.toThrow('ENOENT');
});

it.each([[[]], [['--yes']]])('1: redrive --from %j with an empty file', async (more) => {
  const empty = await folder.file('empty.jsonl', '\n');
  const finished = await millrace('redrive', '--from', empty, ...more, '--endpoint', started.url);
  expect(finished).toMatchObject({ code: 1, stdout: '', stderr: `millrace: ${empty} has no dead letters\n` });
});

it('3: nothing is listening', async () => {
  for (const command of [['status'], ['upload', folder.at('good')]]) {
    const finished = await millrace(...command, '--endpoint', 'http://127.0.0.1:1');
    expect(finished).toMatchObject({ code: 3, stdout: '' });
    expect(finished.stderr).toMatch(/^millrace: no pipeline answers at http:\/\/127\.0\.0\.1:1: start one/);
  }
});

it('3: another server answers', async () => {
  const { url, stop } = await startTestServer((_, response) => response.end('<h1>It works!</h1>'));
  expect(await millrace('dlq', '--endpoint', url)).toEqual({
    code: 3,
    stdout: '',
    stderr: `millrace: the server at ${url} is not a local pipeline of this version\n`,
  });
  await stop();
});

it('3: the credentials are refused; an upload says so once, not for each file', async () => {
  const gate = await startGate(started, { refuse: true });
  for (const command of [
    ['status'],
    ['upload', folder.at('many')],
    ['upload', folder.at('many'), '--wait'],
  ]) {
    const finished = await millraceIn({ MILLRACE_ENDPOINT: gate.url }, ...command);
    expect(finished).toMatchObject({ code: 3, stdout: '' });
    expect(finished.stderr).toMatch(
      /^millrace: not allowed: InvalidAccessKeyId: The AWS Access Key Id .*\n$/,
    );
  }
  await gate.stop();
});

it('4: uploads were still pending at the end of the wait', async () => {
  const gate = await silent();
  const wait = ['upload', folder.at('good'), '--prefix', 'four/', '--wait', '--timeout', '1'];
  const finished = await millrace(...wait, '--json', '--endpoint', gate.url);
  expect(finished.code).toBe(4);
  expect(finished.stderr).toBe('millrace: 1 upload still pending when the wait ended\n');
  expect(JSON.parse(finished.stdout)).toMatchObject({
    type: 'summary',
    uploaded: 1,
    converted: 0,
    pending: 1,
  });

  expect(await millrace('status', 'four/', '--missing', '--endpoint', gate.url)).toMatchObject({
    code: 4,
    stdout: 's3://uploads/four/a.png\n1 uploaded, 0 converted, 0 failed, 1 pending\n',
  });
  expect(await millrace('status', 'four/a.png', '--endpoint', gate.url)).toMatchObject({
    code: 4,
    stdout: 'four/a.png: pending\n',
  });
  await gate.stop();
});

it('130: Ctrl-C during an upload, which --skip-existing then completes with each file uploaded once', async () => {
  let release: () => void = () => undefined;
  const released = new Promise<void>((resolve) => (release = resolve));
  let put = 0;
  let interrupt: () => void = () => undefined;
  const hold = ({ method }: IncomingMessage) => {
    if (method === 'PUT') put += 1;
    // Five are done, two are in flight, and the rest has not started.
    if (put === 7) interrupt();
    return put > 5 ? released : undefined;
  };
  const gate = await startGate(started, { hold });
  const args = ['upload', folder.at('many'), '--prefix', 'many/', '--concurrency', '2', '--json'];

  const child = spawnCommand([...args, '--endpoint', gate.url]);
  interrupt = () => child.kill('SIGINT');
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => {
    said += chunk.toString();
    if (said.includes('finishing what is in flight')) release();
  });
  const interrupted = await finish(child);
  expect(interrupted.code).toBe(130);
  expect(interrupted.stderr).toContain('finishing what is in flight; press Ctrl-C again to end at once\n');
  expect(interrupted.stderr).toContain(
    'millrace: interrupted with 33 files not uploaded; to continue, run the same command with --skip-existing\n',
  );
  expect(interrupted.stdout).toMatch(/"uploaded":7,"skipped":0,"failed":0/);

  const resumed = await millrace(...args, '--skip-existing', '--endpoint', gate.url);
  expect(resumed).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/"uploaded":33,"skipped":7,"failed":0/),
  });
  await gate.stop();
});
