import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { defineConfig } from '../../src/core/config.ts';
import { millraceHere } from '../support/command-here.ts';
import { tinyPng } from '../support/images.ts';
import { ownUpload, type OwnUpload } from '../support/own-upload.ts';
import { listKeys, startTestPipeline, untilQuiet, type TestPipeline } from '../support/pipeline.ts';
import { askAll, askOrphans } from '../support/views.ts';
import { jsonLines } from '../support/json-lines.ts';

/** A pipeline whose first rule makes these renditions of PNG files. */
const rules = (...names: string[]) =>
  defineConfig({
    conversions: [
      {
        conversion: 'image',
        keys: ['*.png'],
        options: { renditions: names.map((name) => ({ name, width: 8 })), limits: {} },
      },
    ],
  }).recipe;

let folder: string;
let pipeline: TestPipeline;
let upload: OwnUpload;
let deleted: OwnUpload;

const start = (...names: string[]) =>
  startTestPipeline({ concurrency: 1, data: join(folder, 'data'), recipe: rules(...names) });

async function changeRules(...names: string[]): Promise<void> {
  await pipeline.stop();
  pipeline = await start(...names);
  await untilQuiet(pipeline);
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-test-'));
  pipeline = await start('web', 'small');
  [upload, deleted] = [ownUpload(pipeline), ownUpload(pipeline)];
  for (const each of [upload, deleted]) await each.put(await tinyPng());
  await deleted.remove();
  const foreign = { Bucket: 'results', Key: `small/${upload.key}.txt`, Body: 'foreign' };
  await pipeline.s3.send(new PutObjectCommand(foreign));
  await changeRules('web', 'large');
});
afterAll(async () => {
  await pipeline.stop();
  await rm(folder, { recursive: true });
});

const millrace = (...args: string[]) => millraceHere(...args, '--endpoint', pipeline.url);
const backfill = async (...options: string[]) => {
  await millrace('backfill', '', '--yes', ...options);
  await untilQuiet(pipeline);
};

interface Line {
  type: string;
  key: string;
}

async function former(prefix = ''): Promise<Line[]> {
  const { stdout } = await millrace('status', prefix, '--former', '--json');
  return jsonLines<Line>(stdout);
}

const keysOf = (lines: readonly Line[]) => lines.flatMap(({ type, key }) => (type === 'former' ? [key] : []));

const CONVERTED = {
  'status PREFIX': 'converted',
  'GET /batches': 'converted',
  pages: 'converted',
  'status KEY': 'converted',
  'GET /objects': 'converted',
  'status PREFIX --verify': 'converted',
  backfill: 'no',
  'backfill --stale': 'no',
  'backfill --by-listing': 'no',
};

describe("after a rule's renditions have changed", () => {
  it('an upload lacks the new result until the reconciliation at the start, and is stale until a backfill', async () => {
    const keys = await listKeys(pipeline.s3, 'results');
    expect(keys).toContain(`small/${upload.key}`);
    await backfill('--stale');
    expect(await askAll(pipeline, upload)).toEqual(CONVERTED);
  });

  it('a result that only the former rule named is listed on request, with its upload', async () => {
    const { key } = upload;
    expect(await former(`batches/${upload.batch}/`)).toEqual([
      {
        type: 'former',
        kind: 'result',
        bucket: 'results',
        key: `small/${key}`,
        source: { bucket: 'uploads', key },
        rendition: 'small',
        bytes: expect.any(Number),
      },
      {
        type: 'summary',
        basis: 'objects',
        results: 1,
        reports: 0,
        bytes: expect.any(Number),
        unknown: 1,
      },
    ]);
    expect(await askOrphans(pipeline, upload)).toEqual({
      'status --orphans': 'no',
      'backfill --orphans': 'no',
    });
  });

  it('the text output shows how many there are, and what was left out', async () => {
    const { stdout, stderr } = await millrace('status', `batches/${upload.batch}/`, '--former');
    expect(stdout).toMatch(
      `s3://results/small/${upload.key}\n1 result under names that only former rules used`,
    );
    expect(stderr).toMatch(/^1 object left out: not made by this pipeline/);
    const orphans = await millrace('status', '--orphans');
    expect(orphans.stderr).toContain('--former finds the results of former rules');
  });

  it('the former results of a deleted upload are also listed', async () => {
    expect(keysOf(await former(`batches/${deleted.batch}/`))).toEqual([`small/${deleted.key}`]);
  });

  it('the status of a result’s key names its upload', async () => {
    const { code, stderr } = await millrace('status', `small/${upload.key}`);
    expect(stderr).toContain(`is the key of a result; its upload is ${upload.key}\n`);
    expect(code).toBe(1);
    const other = await millrace('status', `${upload.key}.txt`);
    expect(other.stderr).not.toContain('is the key of a result');
  });
});

describe('after all result names have changed', () => {
  beforeAll(async () => {
    await changeRules('web');
    await backfill('--stale');
  });

  it('uploads are converted under the new names', async () => {
    expect(await askAll(pipeline, upload)).toEqual(CONVERTED);
    expect(await listKeys(pipeline.s3, 'results')).toContain(upload.key);
  });

  it('a backfill deletes the former results, each with a line in its file, and checks their uploads again', async () => {
    const prefix = `batches/${upload.batch}/`;
    const names = ['large', 'small', 'web'].map((name) => `${name}/${upload.key}`);
    const plan = await millrace('backfill', prefix, '--former');
    expect(plan.stdout).toMatch(/would delete 3 results under names that only former rules used/);
    expect(await listKeys(pipeline.s3, 'results')).toEqual(expect.arrayContaining(names));

    const file = join(folder, 'former.jsonl');
    const { stderr } = await millrace('backfill', prefix, '--former', '--export', file, '--yes');
    expect(stderr).toContain('1 upload queued: the worker makes what the present rules name');
    expect((await readFile(file, 'utf8')).trimEnd().split('\n')).toHaveLength(3);
    await untilQuiet(pipeline);
    const left = await listKeys(pipeline.s3, 'results');
    expect(left.filter((key) => key.endsWith(upload.key))).toEqual([upload.key]);
    expect(keysOf(await former(prefix))).toEqual([]);
    expect(await askAll(pipeline, upload)).toEqual(CONVERTED);
  });
});
