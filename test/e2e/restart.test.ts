import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  ListObjectVersionsCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { millraceStart, type Started } from '../support/command.ts';
import { eventually } from '../support/eventually.ts';
import { clientsOf, deadLetters, listKeys, untilQuiet } from '../support/pipeline.ts';
import { takesLong } from '../support/takes-long.ts';

takesLong();

let data: string;
let started: Started | undefined;
beforeAll(async () => {
  data = await mkdtemp(join(tmpdir(), 'millrace-test-'));
});
afterAll(async () => {
  await started?.end('SIGKILL');
  await rm(data, { recursive: true, force: true });
});

const KEYS = Array.from({ length: 500 }, (_, index) => `photos/${String(index).padStart(3, '0')}.png`);

it('after kill -9 during 500 uploads and a restart, all are converted once, and none is a dead letter', async () => {
  const image = await sharp({ create: { width: 64, height: 48, channels: 3, background: '#336699' } })
    .png()
    .toBuffer();
  const acknowledged = new Set<string>();
  const upload = async (s3: S3Client, keys: readonly string[]) => {
    const remaining = keys.values();
    const lane = async () => {
      for (const key of remaining) {
        await s3.send(new PutObjectCommand({ Bucket: 'uploads', Key: key, Body: image }));
        acknowledged.add(key);
        if (acknowledged.size === 250) void started?.end('SIGKILL');
      }
    };
    await Promise.all(Array.from({ length: 8 }, lane));
  };

  started = await millraceStart('--data', data);
  const before = clientsOf(started.awsUrl);
  // Makes each write of a result visible afterwards, even if it was replaced.
  const Versioned = { Bucket: 'results', VersioningConfiguration: { Status: 'Enabled' as const } };
  await before.s3.send(new PutBucketVersioningCommand(Versioned));
  await upload(before.s3, KEYS.slice(0, 200));
  await eventually('some are converted', async () => (await listKeys(before.s3, 'results')).length > 20);
  // The pipeline is killed during these.
  await expect(upload(before.s3, KEYS.slice(200))).rejects.toBeInstanceOf(Error);
  await started.end('SIGKILL');
  before.s3.destroy();

  started = await millraceStart('--data', data);
  const after = clientsOf(started.awsUrl);
  const kept = new Set(await listKeys(after.s3, 'uploads'));
  expect([...acknowledged].filter((key) => !kept.has(key))).toEqual([]);
  await upload(
    after.s3,
    KEYS.filter((key) => !acknowledged.has(key)),
  );
  const pipeline = { ...after, queues: started.queues };
  await untilQuiet(pipeline);

  expect(await listKeys(after.s3, 'results')).toEqual(KEYS);
  expect(await deadLetters(pipeline)).toEqual([]);
  const { Versions = [] } = await after.s3.send(new ListObjectVersionsCommand({ Bucket: 'results' }));
  // As many writes as results of different uploads, so no upload was converted twice.
  expect(Versions.length).toBe(new Set(Versions.map(({ ETag }) => ETag)).size);
  expect(await started.end('SIGINT')).toBe(0);
  started = undefined;
});
