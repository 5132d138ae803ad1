import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OpsContext } from '../../../src/ops/context.ts';
import { createLineFile } from '../../../src/ops/line-file.ts';
import { findOrphans } from '../../../src/ops/orphans/find-orphans.ts';
import type { Orphan } from '../../../src/ops/orphans/orphan.ts';
import { removeOrphans, type Removal } from '../../../src/cli/orphans/remove-orphans.ts';
import { before } from '../../support/failing.ts';
import { opsOf } from '../../support/ops.ts';
import { countMessages, listKeys } from '../../support/pipeline.ts';
import { storeReport, storeResult } from '../../support/stored.ts';
import { startBench, type Bench } from '../../support/worker.ts';

let bench: Bench;
let ops: OpsContext;
let folder: string;
beforeEach(async () => {
  bench = await startBench();
  ops = opsOf(bench);
  folder = await mkdtemp(join(tmpdir(), 'millrace-test-'));
});
afterEach(async () => {
  await bench.stop();
  await rm(folder, { recursive: true });
});

const upload = (key: string) => ({ bucket: 'uploads', key });
const path = () => join(folder, 'removed.jsonl');
const lines = async () =>
  (await readFile(path(), 'utf8')).split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line)]));
const remove = (Key: string, VersionId?: string) =>
  ops.s3.send(new DeleteObjectCommand({ Bucket: 'uploads', Key, VersionId }));
const queued = () => countMessages(ops.sqs, ops.deployment.conversionQueueUrl);

async function* orphans(): AsyncGenerator<Orphan> {
  for await (const each of findOrphans(ops.s3, ops.deployment, '')) if (each.type === 'orphan') yield each;
}

/** Yields results that somebody else deletes first. */
async function* goneResults(count: number, onAllFound = () => {}): AsyncGenerator<Orphan> {
  for (let index = 0; index < count; index += 1) {
    const key = `${index}.jpg`;
    yield {
      type: 'orphan',
      kind: 'result',
      bucket: 'results',
      key,
      source: upload(key),
      bytes: 1,
      etag: '"e"',
    };
  }
  onAllFound();
}

function fileInMemory(onSync = () => {}) {
  const portions: number[] = [];
  return {
    portions,
    add: async (added: readonly Orphan[]) => void portions.push(added.length),
    sync: async () => onSync(),
  };
}

async function removeAll(stop = new AbortController().signal): Promise<Removal> {
  const file = await createLineFile<Orphan>(path());
  try {
    return await removeOrphans(ops, orphans(), file, stop);
  } finally {
    await file.close();
  }
}

describe('the removal of orphans', () => {
  it('deletes exactly the orphans, and records them in a file', async () => {
    await bench.upload('a.jpg');
    for (const key of ['a.jpg', 'b.jpg']) {
      await storeResult(ops.s3, upload(key));
      await storeReport(ops.s3, upload(key));
    }
    await ops.s3.send(new PutObjectCommand({ Bucket: 'results', Key: 'foreign.jpg', Body: 'x' }));
    const own = '.millrace/redrives/1.json';
    await ops.s3.send(new PutObjectCommand({ Bucket: 'failures', Key: own, Body: '{}' }));
    const waiting = await queued();
    expect(await removeAll()).toEqual({ removed: 2, kept: 0, queued: 0 });
    expect(await listKeys(ops.s3, 'results')).toEqual(['a.jpg', 'foreign.jpg']);
    expect(await listKeys(ops.s3, 'failures')).toEqual([own, 'a.jpg']);
    expect(await queued()).toBe(waiting);
    expect(await lines()).toEqual([
      expect.objectContaining({
        kind: 'report',
        bucket: 'failures',
        key: 'b.jpg',
        report: expect.objectContaining({ code: 'image.corrupt' }),
      }),
      expect.objectContaining({ kind: 'result', bucket: 'results', key: 'b.jpg', source: upload('b.jpg') }),
    ]);
  });

  it("writes each one's line to the file before it deletes it", async () => {
    const keys = Array.from({ length: 105 }, (_, index) => String(index).padStart(3, '0'));
    await Promise.all(keys.map((key) => storeResult(ops.s3, upload(key))));
    const hooks = ['000', '099', '100', '104'].map((Key) =>
      before(ops.s3, 'DeleteObjectCommand', { Bucket: 'results', Key }, async () =>
        expect(await lines()).toContainEqual(expect.objectContaining({ key: Key })),
      ),
    );
    expect(await removeAll()).toEqual({ removed: 105, kept: 0, queued: 0 });
    expect(hooks.every(({ ran }) => ran)).toBe(true);
    expect(await lines()).toHaveLength(105);
  });

  it('deletes nothing before its line is on disk', async () => {
    await storeResult(ops.s3, upload('a.jpg'));
    const full = { add: () => Promise.resolve(), sync: () => Promise.reject(new Error('the disk is full')) };
    const removal = removeOrphans(ops, orphans(), full, new AbortController().signal);
    await expect(removal).rejects.toThrow('the disk is full');
    expect(await listKeys(ops.s3, 'results')).toEqual(['a.jpg']);
  });

  it('writes no file if there are no orphans', async () => {
    expect(await removeAll()).toEqual({ removed: 0, kept: 0, queued: 0 });
    await expect(readFile(path())).rejects.toThrow('ENOENT');
  });

  it('keeps the result of an upload that arrived after its source was checked', async () => {
    await storeResult(ops.s3, upload('a.jpg'));
    await storeReport(ops.s3, upload('b.jpg'));
    before(ops.s3, 'DeleteObjectCommand', { Bucket: 'results', Key: 'a.jpg' }, async () => {
      await bench.upload('a.jpg');
      await storeResult(ops.s3, upload('a.jpg'));
    });
    before(ops.s3, 'DeleteObjectCommand', { Bucket: 'failures', Key: 'b.jpg' }, async () => {
      await bench.upload('b.jpg');
      await storeReport(ops.s3, upload('b.jpg'));
    });
    expect(await removeAll()).toEqual({ removed: 0, kept: 2, queued: 0 });
    expect(await listKeys(ops.s3, 'results')).toEqual(['a.jpg']);
    expect(await listKeys(ops.s3, 'failures')).toEqual(['b.jpg']);
  });

  it('queues an upload that is restored at that moment, because S3 sends no notification', async () => {
    await bench.upload('a.jpg');
    await storeResult(ops.s3, upload('a.jpg'));
    const { VersionId } = await remove('a.jpg');
    const undone = before(ops.s3, 'DeleteObjectCommand', { Bucket: 'results' }, () =>
      remove('a.jpg', VersionId),
    );
    const waiting = await queued();
    expect(await removeAll()).toEqual({ removed: 1, kept: 0, queued: 1 });
    expect(undone).toEqual({ ran: true });
    expect(await queued()).toBe(waiting + 1);
  });

  it('queues every upload that is restored at that moment, once', async () => {
    const keys = ['a.jpg', 'b.jpg'];
    for (const key of keys) {
      await storeResult(ops.s3, upload(key));
      await storeReport(ops.s3, upload(key));
      before(ops.s3, 'DeleteObjectCommand', { Key: key }, () => bench.upload(key));
    }
    expect(await removeAll()).toEqual({ removed: 4, kept: 0, queued: 2 });
  });

  it('counts an object as removed if it is gone but no response came', async () => {
    await storeResult(ops.s3, upload('a.jpg'));
    // The SDK's retry finds nothing.
    before(ops.s3, 'DeleteObjectCommand', {}, () =>
      ops.s3.send(new DeleteObjectCommand({ Bucket: 'results', Key: 'a.jpg' })),
    );
    expect(await removeAll()).toEqual({ removed: 1, kept: 0, queued: 0 });
  });

  it('fails if S3 refuses, after it has queued restored uploads', async () => {
    for (const key of ['a.jpg', 'b.jpg']) await storeResult(ops.s3, upload(key));
    const undone = before(ops.s3, 'DeleteObjectCommand', { Key: 'a.jpg' }, () => bench.upload('a.jpg'));
    before(ops.s3, 'DeleteObjectCommand', { Key: 'b.jpg' }, () => Promise.reject(new Error('refused')));
    await expect(removeAll()).rejects.toThrow('refused');
    expect(undone).toEqual({ ran: true });
    expect(await listKeys(ops.s3, 'results')).toEqual(['b.jpg']);
    // Its notification, and the removal's message.
    expect(await queued()).toBe(2);
    expect((await lines()).map(({ key }) => key)).toEqual(['a.jpg', 'b.jpg']);
  });

  it('that is stopped has deleted only objects in its file', async () => {
    await storeResult(ops.s3, upload('a.jpg'));
    expect(await removeAll(AbortSignal.abort())).toEqual({ removed: 0, kept: 0, queued: 0 });
    expect(await listKeys(ops.s3, 'results')).toEqual(['a.jpg']);
  });

  it('deletes each hundred orphans before it finds more', async () => {
    const file = fileInMemory();
    const removal = removeOrphans(ops, goneResults(250), file, new AbortController().signal);
    expect(await removal).toEqual({ removed: 250, kept: 0, queued: 0 });
    expect(file.portions).toEqual([100, 100, 50]);
  });

  it('that is stopped finishes the hundred that it has begun', async () => {
    const stop = new AbortController();
    const file = fileInMemory(() => stop.abort());
    expect(await removeOrphans(ops, goneResults(250), file, stop.signal)).toMatchObject({ removed: 100 });
    expect(file.portions).toEqual([100]);
  });

  it('that is stopped while it finds the last orphans does not begin with them', async () => {
    const stop = new AbortController();
    const file = fileInMemory();
    const found = goneResults(5, () => stop.abort());
    expect(await removeOrphans(ops, found, file, stop.signal)).toMatchObject({ removed: 0 });
    expect(file.portions).toEqual([]);
  });

  it('keeps the noncurrent version of a result in a versioned bucket, and names it', async () => {
    await ops.s3.send(
      new PutBucketVersioningCommand({
        Bucket: 'results',
        VersioningConfiguration: { Status: 'Enabled' },
      }),
    );
    await storeResult(ops.s3, upload('a.jpg'), { Body: 'old result' });
    expect(await removeAll()).toMatchObject({ removed: 1 });
    const [{ bucket, key, versionId }] = await lines();
    const { Body } = await ops.s3.send(
      new GetObjectCommand({ Bucket: bucket, Key: key, VersionId: versionId }),
    );
    expect(await Body?.transformToString()).toMatch('old result');
    await rm(path());
    expect(await removeAll()).toMatchObject({ removed: 0 });
  });
});
