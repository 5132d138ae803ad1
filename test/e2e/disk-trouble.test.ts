import { execFileSync, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { CreateQueueCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { localClientConfig } from '@millrace/local-aws/client-config';
import { millraceStart, type Started } from '../support/command.ts';
import { eventually } from '../support/eventually.ts';
import { tinyPng } from '../support/images.ts';
import { needs } from '../support/needs.ts';
import { listKeys } from '../support/pipeline.ts';
import { takesLong } from '../support/takes-long.ts';

takesLong();

let data: string;
let started: Started;
let s3: S3Client;
beforeEach(async () => {
  data = await mkdtemp(join(tmpdir(), 'millrace-test-'));
  await begin();
});
afterEach(async () => {
  s3.destroy();
  await started.end('SIGKILL');
  for (const name of ['blobs', 'logs', 'journal']) spawnSync('umount', ['--lazy', join(data, name)]);
  await rm(data, { recursive: true, force: true });
});

async function begin(): Promise<void> {
  started = await millraceStart('--data', data, '--concurrency', '1');
  s3 = new S3Client({ ...localClientConfig(started.awsUrl), forcePathStyle: true, maxAttempts: 1 });
}

const put = (Key: string, Body: Buffer) => s3.send(new PutObjectCommand({ Bucket: 'uploads', Key, Body }));
const mount = (...args: string[]) => execFileSync('mount', args);
const unavailable = (message: string) => ({
  name: 'ServiceUnavailable',
  message: expect.stringContaining(message),
  $metadata: expect.objectContaining({ httpStatusCode: 503 }),
});

async function convertsAgain(key = 'later.png'): Promise<void> {
  await put(key, await tinyPng());
  await eventually('it is converted', async () => (await listKeys(s3, 'results')).includes(key));
  expect(started.child.exitCode).toBeNull();
}

/** Returns its lines about the disk, without stack traces. */
const linesSaid = () => started.stderr().match(/^.*\b(ENOSPC|EROFS|EMFILE)\b.*$|^ +at .*$/gm);
/** Waits for its output, which may arrive after a response, through another pipe. */
const said = () => eventually('it says something', async () => linesSaid() ?? false);

it(
  'with a full disk, uploads get 503, one line reports it, and the pipeline continues',
  needs('mounts'),
  async () => {
    const blobs = join(data, 'blobs');
    mount('-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', blobs);
    for (const key of ['a', 'b'])
      await expect(put(key, Buffer.alloc(1_000_000))).rejects.toMatchObject(
        unavailable('no space is left on the disk (ENOSPC)'),
      );
    expect(await said()).toEqual(['local AWS: no space is left on the disk (ENOSPC)']);
    mount('-o', 'remount,size=8m', blobs);
    await convertsAgain();
  },
);

it(
  'with a read-only disk, uploads get 503, stored objects are served, and the pipeline continues',
  needs('mounts'),
  async () => {
    const blobs = join(data, 'blobs');
    await put('before', Buffer.from('before'));
    mount('--bind', blobs, blobs);
    mount('-o', 'remount,bind,ro', blobs);
    await expect(put('a', Buffer.from('a'))).rejects.toMatchObject(
      unavailable('the disk is read-only (EROFS)'),
    );
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: 'uploads', Key: 'before' }));
    expect(await Body?.transformToString()).toBe('before');
    expect(await said()).toEqual(['local AWS: the disk is read-only (EROFS)']);
    execFileSync('umount', [blobs]);
    await convertsAgain();
  },
);

it('a disk full of logs loses log lines, but no conversions', needs('mounts'), async () => {
  expect(await started.end('SIGTERM')).toBe(0);
  const logs = join(data, 'logs');
  mount('-t', 'tmpfs', '-o', 'size=4k', 'tmpfs', logs);
  await writeFile(join(logs, 'filler'), Buffer.alloc(4096));
  await begin();
  await convertsAgain();
  // The only worker writes its lines about an upload before it begins the next.
  await convertsAgain('latest.png');
});

it('with too many open files, uploads get 503, and the pipeline continues', needs('prlimit'), async () => {
  // The requests below use this connection. Nothing else opens files in the meantime.
  await put('before', Buffer.from('before'));
  await eventually('it has failed', async () => (await listKeys(s3, 'failures')).includes('before'));
  limitOpenFiles('1');
  await expect(put('a', Buffer.from('a'))).rejects.toMatchObject(unavailable('too many open files (EMFILE)'));
  expect(await said()).toEqual(['local AWS: this process has too many open files (EMFILE)']);
  limitOpenFiles('4096');
  await convertsAgain();
});

it(
  'too many open files for the journal end the pipeline with one line and exit code 3',
  needs('prlimit'),
  async () => {
    const sqs = new SQSClient({ ...localClientConfig(started.awsUrl), maxAttempts: 1 });
    const ended = once(started.child, 'exit');
    // A queue without consumers and alarms.
    const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'unread' }));
    const send = () => sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'x'.repeat(200_000) }));
    await send();
    limitOpenFiles('1');
    // LevelDB starts a new file after 4 MB.
    for (let index = 0; started.child.exitCode === null && index < 100; index += 1)
      await send().catch(() => undefined);
    sqs.destroy();
    expect((await ended)[0]).toBe(3);
    const last = started.stderr().trimEnd().split('\n');
    expect(last).toEqual([
      expect.stringMatching(
        /^millrace: the data folder \S+ cannot be written: .*free the disk and start again$/,
      ),
    ]);
  },
);

function limitOpenFiles(limit: string): void {
  execFileSync('prlimit', ['--pid', String(started.child.pid), `--nofile=${limit}:4096`]);
}

it("a running pipeline's files are private to its user", async () => {
  await put('bad.png', Buffer.from('no image'));
  await convertsAgain();
  await eventually('it has failed', async () => (await listKeys(s3, 'failures')).length > 0);
  const modes = new Set<string>();
  for (const entry of await readdir(data, { recursive: true, withFileTypes: true })) {
    const { mode } = await stat(join(entry.parentPath, entry.name));
    modes.add(`${entry.isDirectory() ? 'folder' : 'file'} ${(mode & 0o777).toString(8)}`);
  }
  expect(modes).toEqual(new Set(['folder 700', 'file 600']));
});
