import { CreateBucketCommand, DeleteObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OpsContext } from '../../../src/ops/context.ts';
import { findOrphans, findOutsiders } from '../../../src/ops/orphans/find-orphans.ts';
import { before, recording } from '../../support/failing.ts';
import { opsOf } from '../../support/ops.ts';
import { storeReport, storeResult } from '../../support/stored.ts';
import { startBench, type Bench } from '../../support/worker.ts';

let bench: Bench;
let ops: OpsContext;
beforeEach(async () => {
  bench = await startBench();
  ops = opsOf(bench);
});
afterEach(() => bench.stop());

const upload = (key: string) => ({ bucket: 'uploads', key });
const put = (Bucket: string, Key: string) =>
  ops.s3.send(new PutObjectCommand({ Bucket, Key, Body: 'some bytes' }));

/** Returns the findings, in order, such as `orphan results/boat.jpg`. */
async function found(prefix = ''): Promise<string[]> {
  const all = [];
  for await (const each of findOrphans(ops.s3, ops.deployment, prefix))
    if (each.type !== 'uploaded') all.push(`${each.type} ${each.bucket}/${each.key}`);
  if (prefix === '')
    for await (const { type, bucket, key } of findOutsiders(ops.s3, ops.deployment))
      all.push(`${type} ${bucket}/${key}`);
  return all;
}

describe('orphans', () => {
  it('are the results and reports whose source is gone, ordered by upload', async () => {
    for (const key of ['a.jpg', 'b.jpg', 'c.jpg']) await bench.upload(key);
    for (const key of ['b.jpg', 'd\u0001 é.jpg', 'e.jpg']) await storeResult(ops.s3, upload(key));
    for (const key of ['c.jpg', 'e.jpg']) await storeReport(ops.s3, upload(key));
    expect(await found()).toEqual([
      'orphan results/d\u0001 é.jpg',
      'orphan failures/e.jpg',
      'orphan results/e.jpg',
    ]);
    expect(await found('e')).toEqual(['orphan failures/e.jpg', 'orphan results/e.jpg']);
  });

  it('exist while there is a delete marker, but not once it is removed', async () => {
    await bench.upload('back.jpg');
    await storeResult(ops.s3, upload('back.jpg'));
    const { VersionId } = await ops.s3.send(new DeleteObjectCommand({ Bucket: 'uploads', Key: 'back.jpg' }));
    expect(await found()).toEqual(['orphan results/back.jpg']);
    await ops.s3.send(new DeleteObjectCommand({ Bucket: 'uploads', Key: 'back.jpg', VersionId }));
    expect(await found()).toEqual([]);
  });

  it('contain what a deletion needs, and for a report, its contents', async () => {
    const etag = await storeResult(ops.s3, upload('a.jpg'), { Body: 'bytes' });
    const report = await storeReport(ops.s3, upload('a.jpg'));
    const all = [];
    for await (const each of findOrphans(ops.s3, ops.deployment, '')) all.push(each);
    const about = { type: 'orphan', key: 'a.jpg', source: upload('a.jpg') };
    expect(all).toEqual([
      {
        ...about,
        kind: 'report',
        bucket: 'failures',
        bytes: expect.any(Number),
        etag: expect.any(String),
        report,
      },
      { ...about, kind: 'result', bucket: 'results', bytes: expect.any(Number), etag },
    ]);
    expect(all).not.toContainEqual(expect.objectContaining({ bytes: 0 }));
  });

  it('are found whatever rendition they are of', async () => {
    const rules = [{ keys: ['*.csv'], renditions: ['table'] }];
    ops = { ...ops, deployment: { ...ops.deployment, rules } };
    await storeResult(ops.s3, upload('a.csv'), { rendition: 'table' });
    await storeResult(ops.s3, upload('b.jpg'));
    // From before the rule, under which its upload would have another rendition of the same name.
    await storeResult(ops.s3, upload('c.csv'));
    expect(await found()).toEqual(['orphan results/a.csv', 'orphan results/b.jpg', 'orphan results/c.csv']);
  });

  it('are found by the extension of each upload’s results; other names are unknown', async () => {
    const rules = [{ keys: ['*.csv'], renditions: ['table'], extensions: { table: 'parquet' } }];
    ops = { ...ops, deployment: { ...ops.deployment, extensions: { web: 'webp' }, rules } };
    await bench.upload('a');
    await storeResult(ops.s3, upload('a'), { Key: 'a.webp' });
    await storeResult(ops.s3, upload('a-1'), { Key: 'a-1.webp' });
    await storeResult(ops.s3, upload('a.csv'), { Key: 'a.csv.parquet', rendition: 'table' });
    await storeReport(ops.s3, upload('a.jpg'));
    await storeResult(ops.s3, upload('a.jpg'), { Key: 'a.jpg.webp' });
    // From before names had extensions, and from before tables had their own.
    for (const key of ['b.jpg', 'b.webp']) await storeResult(ops.s3, upload(key));
    await storeResult(ops.s3, upload('c.csv'), { Key: 'c.csv.webp' });
    expect(await found()).toEqual([
      'orphan results/a-1.webp',
      'orphan results/a.csv.parquet',
      'orphan failures/a.jpg',
      'orphan results/a.jpg.webp',
      'unknown results/b.webp',
      'unknown results/b.jpg',
      'unknown results/c.csv.webp',
    ]);
    expect(await found('a.')).toEqual([
      'orphan results/a.csv.parquet',
      'orphan failures/a.jpg',
      'orphan results/a.jpg.webp',
    ]);
  });

  it('are looked for only in listings if each result has its source', async () => {
    for (const key of ['a.jpg', 'b.jpg', 'c.jpg']) {
      await bench.upload(key);
      await storeResult(ops.s3, upload(key));
    }
    const heads = recording(ops.s3, 'HeadObjectCommand');
    expect(await found()).toEqual([]);
    expect(heads).toEqual([]);
  });

  it('are not looked for outside of the prefixes if every name has a key, which would list the bucket again', async () => {
    await storeResult(ops.s3, upload('a.jpg'));
    const lists = recording(ops.s3, 'ListObjectsV2Command');
    for await (const each of findOutsiders(ops.s3, ops.deployment)) expect(each).toBeUndefined();
    expect(lists).toEqual([]);
  });

  it('are checked before their source, so that uploads in between are not orphans', async () => {
    await storeResult(ops.s3, upload('a.jpg'));
    await storeReport(ops.s3, upload('b.jpg'));
    const asked = recording(ops.s3, 'HeadObjectCommand');
    const hooks = ['a.jpg', 'b.jpg'].map((Key) =>
      before(ops.s3, 'HeadObjectCommand', { Bucket: 'uploads', Key }, () => bench.upload(Key)),
    );
    expect(await found()).toEqual([]);
    expect(hooks).toEqual([{ ran: true }, { ran: true }]);
    const ofFirst = asked.filter((each) => 'Key' in each && each.Key === 'a.jpg');
    expect(ofFirst.map((each) => 'Bucket' in each && each.Bucket)).toEqual(['results', 'uploads']);
  });

  it('are not reported if an upload bucket does not exist, because nothing shows that its sources are gone', async () => {
    await storeResult(ops.s3, upload('a.jpg'));
    ops = { ...ops, deployment: { ...ops.deployment, uploadBuckets: ['uploads-of-old'] } };
    await expect(found()).rejects.toThrow('bucket does not exist');
  });
});

describe('an object that the pipeline did not make for its key', () => {
  it('is unknown, and so is a result from another source', async () => {
    await put('results', 'foreign.jpg');
    await put('failures', 'foreign.json');
    await storeResult(ops.s3, upload('before.jpg'), { Key: 'web/before.jpg' });
    await storeResult(ops.s3, { bucket: 'others', key: 'other.jpg' }, { Key: 'other.jpg' });
    await storeReport(ops.s3, upload('a.jpg'), 'moved/a.jpg');
    expect((await found()).toSorted()).toEqual([
      'unknown failures/foreign.json',
      'unknown failures/moved/a.jpg',
      'unknown results/foreign.jpg',
      'unknown results/other.jpg',
      'unknown results/web/before.jpg',
    ]);
  });

  it("is not checked if it is under the operations' own prefixes", async () => {
    await put('failures', '.millrace/redrives/1.json');
    await storeReport(ops.s3, upload('.millrace/a.jpg'));
    await storeResult(ops.s3, upload('.millrace/a.jpg'));
    expect(await found()).toEqual(['orphan results/.millrace/a.jpg']);
  });
});

describe('with several upload buckets and renditions', () => {
  beforeEach(async () => {
    await ops.s3.send(new CreateBucketCommand({ Bucket: 'scans' }));
    ops = {
      ...ops,
      deployment: { ...ops.deployment, uploadBuckets: ['scans', 'uploads'], renditions: ['large', 'thumb'] },
    };
  });

  it('all orphans are found, ordered by key, then by bucket', async () => {
    for (const bucket of ['uploads', 'scans'])
      for (const rendition of ['large', 'thumb'])
        await storeResult(
          ops.s3,
          { bucket, key: 'a.jpg' },
          { Key: `${rendition}/${bucket}/a.jpg`, rendition },
        );
    await storeReport(ops.s3, { bucket: 'scans', key: 'b.jpg' }, 'scans/b.jpg');
    await put('scans', 'a.jpg');
    expect(await found()).toEqual([
      'orphan results/large/uploads/a.jpg',
      'orphan results/thumb/uploads/a.jpg',
      'orphan failures/scans/b.jpg',
    ]);
    expect(await found('b')).toEqual(['orphan failures/scans/b.jpg']);
  });

  it('objects outside of them are unknown, and left out with a prefix', async () => {
    for (const key of ['a.jpg', 'large/a.jpg', 'small/uploads/a.jpg', 'thumb/uploads', 'zebra'])
      await put('results', key);
    for (const key of ['.millrace/redrives/1.json', 'a.jpg', 'scans/\u{10ffff}', 'zebra'])
      await put('failures', key);
    await storeResult(ops.s3, upload('z.jpg'), { Key: 'thumb/uploads/z.jpg', rendition: 'thumb' });
    expect((await found()).toSorted()).toEqual([
      'orphan results/thumb/uploads/z.jpg',
      'unknown failures/a.jpg',
      'unknown failures/scans/\u{10ffff}',
      'unknown failures/zebra',
      'unknown results/a.jpg',
      'unknown results/large/a.jpg',
      'unknown results/small/uploads/a.jpg',
      'unknown results/thumb/uploads',
      'unknown results/zebra',
    ]);
    expect(await found('z')).toEqual(['orphan results/thumb/uploads/z.jpg']);
  });
});
