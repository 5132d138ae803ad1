import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { HeadObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startCommandBench, type CommandBench } from '../support/command-bench.ts';
import { createTestFolder, type TestFolder } from '../support/command-folder.ts';

const LARGE_BYTES = 40_000_000;

let bench: CommandBench;
let folder: TestFolder;
beforeAll(async () => {
  [bench, folder] = await Promise.all([startCommandBench(), createTestFolder()]);
  await folder.file('large/large.bin', randomBytes(LARGE_BYTES));
});
afterAll(async () => {
  await bench.stop();
  await folder.remove();
});

const upload = (...args: string[]) => bench.run('upload', ...args);

it('40 MB are uploaded in parts; --skip-existing recognizes them, and detects one changed byte', async () => {
  expect(await upload(folder.at('large'), '--prefix', 'parts/')).toMatchObject({ code: 0 });
  const { ETag, ContentLength } = await bench.s3.send(
    new HeadObjectCommand({ Bucket: 'uploads', Key: 'parts/large.bin' }),
  );
  expect([ETag?.replace(/.*-/, ''), ContentLength]).toEqual(['3"', LARGE_BYTES]);
  // Another client's single PUT of the same contents has a different ETag.
  const content = await readFile(folder.at('large/large.bin'));
  await bench.s3.send(new PutObjectCommand({ Bucket: 'uploads', Key: 'whole/large.bin', Body: content }));

  for (const prefix of ['parts/', 'whole/']) {
    const again = await upload(folder.at('large'), '--prefix', prefix, '--skip-existing', '--json');
    expect(again.stdout, prefix).toMatch(/"uploaded":0,"skipped":1/);
  }
  content[LARGE_BYTES - 1] = (content.at(-1) ?? 0) ^ 1;
  await writeFile(folder.at('large/large.bin'), content);
  const planned = ['upload', folder.at('large'), '--prefix', 'whole/', '--skip-existing', '--dry-run'];
  expect(await bench.lines(...planned)).toMatchObject([{ key: 'whole/large.bin' }, { planned: 1 }]);
  for (const prefix of ['parts/', 'whole/']) {
    const changed = await upload(folder.at('large'), '--prefix', prefix, '--skip-existing', '--json');
    expect(changed.stdout, prefix).toMatch(/"uploaded":1,"skipped":0/);
  }
});
