import { randomUUID } from 'node:crypto';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GetObjectCommand } from '@aws-sdk/client-s3';
import { ClassicLevel } from 'classic-level';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { inTime } from '../../../../test/support/eventually.ts';
import { clientsOf } from '../support/clients.ts';
import {
  bytesIn,
  change,
  contentOf,
  contentsOfAnObject,
  copyOf,
  filesIn,
  fillFolder,
  openFolder,
  remove,
} from './folder.ts';

let whole: string;
let held: string;
beforeAll(async () => {
  whole = await mkdtemp(join(tmpdir(), 'millrace-test-'));
  held = await fillFolder(whole);
});
afterAll(() => remove(whole));

let folder: string;
beforeEach(async () => {
  folder = await copyOf(whole);
});
afterEach(() => remove(folder));

/** Returns why a start is refused, and whether it changed anything. */
async function refusal(): Promise<{ why: string; changed: boolean }> {
  const before = await bytesIn(folder);
  const why = await openFolder(folder).then(
    () => 'it was not refused',
    (error: unknown) => String(error),
  );
  return { why, changed: JSON.stringify([...(await bytesIn(folder))]) !== JSON.stringify([...before]) };
}

const refusedFor = (why: RegExp) => ({ why: expect.stringMatching(why), changed: false });

async function openedContent(): Promise<string> {
  const aws = await openFolder(folder);
  const content = await contentOf(aws);
  await aws.stop();
  return content;
}

describe('a data folder', () => {
  it('reopens with all its contents, repeatedly', async () => {
    expect(await openedContent()).toBe(held);
    expect(await openedContent()).toBe(held);
  });

  it('with foreign files is refused and left unchanged', async () => {
    const theirs = await mkdtemp(join(tmpdir(), 'millrace-test-'));
    await writeFile(join(theirs, 'photo.jpg'), 'mine');
    await expect(openFolder(theirs)).rejects.toMatchObject({
      kind: 'foreign',
      message: expect.stringContaining(
        'is not a local AWS data folder: it has no local-aws.json, and contains photo.jpg;',
      ),
    });
    expect([...(await bytesIn(theirs)).keys()]).toEqual(['photo.jpg']);
    await remove(theirs);
  });

  it('is refused while another pipeline uses it', async () => {
    const aws = await openFolder(folder);
    await expect(openFolder(folder)).rejects.toMatchObject({
      kind: 'in use',
      message: expect.stringContaining('in use by another local AWS'),
    });
    await aws.stop();
  });

  it('without its journal is refused, with the number of contents', async () => {
    await rm(join(folder, 'journal'), { recursive: true });
    expect(await refusal()).toEqual(
      refusedFor(/\d+ writes were acknowledged.*14 contents, the journal knows 0 objects.*`repair: true`/),
    );
  });

  it.each<[string, (name: string) => boolean, (bytes: Buffer) => Buffer]>([
    ['log is truncated', (name) => name.endsWith('.log'), (bytes) => bytes.subarray(0, -200)],
    [
      'log has a changed byte',
      (name) => name.endsWith('.log'),
      (bytes) => Buffer.from(bytes).fill((bytes[500] ?? 0) ^ 1, 500, 501),
    ],
    ['manifest is truncated', (name) => name.startsWith('MANIFEST'), (bytes) => bytes.subarray(0, 20)],
    ['manifest is empty', (name) => name.startsWith('MANIFEST'), () => Buffer.alloc(0)],
    ['pointer to the manifest is empty', (name) => name === 'CURRENT', () => Buffer.alloc(0)],
  ])('whose journal’s %s is refused as damaged, not as in use', async (_what, isIt, to) => {
    for (const name of await readdir(join(folder, 'journal')))
      if (isIt(name)) await change(join(folder, 'journal', name), to);
    expect(await refusal()).toEqual(refusedFor(/damaged/));
  });

  it('with truncated contents is refused, and the error names the object', async () => {
    const damaged = await contentsOfAnObject(folder);
    await change(join(folder, 'blobs', damaged), (bytes) => bytes.subarray(0, 2));
    expect(await refusal()).toEqual(
      refusedFor(/(uploads\/\S+|uploads\/\S+ \(version \S+\)): it has 2 of \d+ bytes/),
    );
  });

  it('that was refused opens with all its contents once the damage is undone', async () => {
    const gone = await bytesIn(join(folder, 'journal'));
    await rm(join(folder, 'journal'), { recursive: true });
    expect(await refusal()).toEqual(refusedFor(/damaged/));
    await mkdir(join(folder, 'journal'), { recursive: true });
    for (const [name, bytes] of gone) await writeFile(join(folder, 'journal', name), bytes, 'base64');
    expect(await openedContent()).toBe(held);
  });

  it('removes leftovers of a killed upload and keeps unknown files', async () => {
    const left = randomUUID();
    for (const name of [left, 'notes.txt']) await writeFile(join(folder, 'blobs', name), 'x');
    expect(await openedContent()).toBe(held);
    const names = await readdir(join(folder, 'blobs'));
    expect([names.includes(left), names.includes('notes.txt')]).toEqual([false, true]);
  });
});

it('contents truncated while the pipeline runs end the connection instead of hanging it', async () => {
  const aws = await openFolder(folder);
  for (const name of await readdir(join(folder, 'blobs')))
    await change(join(folder, 'blobs', name), (bytes) => bytes.subarray(0, 2));
  const { s3, sqs } = clientsOf(aws.url);
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: 'uploads', Key: 'photos/1.png' }));
  const reading = inTime('the response ends', Promise.resolve(Body?.transformToByteArray()));
  await expect(reading).rejects.toThrow('aborted');
  s3.destroy();
  sqs.destroy();
  await aws.stop();
});

it('a data folder is private to its user, even if an earlier version left it open', async () => {
  await chmod(folder, 0o755);
  await (await openFolder(folder)).stop();
  expect((await stat(folder)).mode & 0o777).toBe(0o700);
});

it('a folder of an earlier version that others can read is made private file by file', async () => {
  await chmod(folder, 0o755);
  for (const { name } of await filesIn(folder)) await chmod(join(folder, name), 0o644);
  await (await openFolder(folder)).stop();
  const open = (await filesIn(folder)).filter(({ name }) => !/^(journal|lock)\//.test(name));
  for (const { name } of open) expect((await stat(join(folder, name))).mode & 0o777, name).toBe(0o600);
});

it('--verify finds contents with a changed byte, and a repair moves them aside', async () => {
  const damaged = await contentsOfAnObject(folder);
  await change(join(folder, 'blobs', damaged), (bytes) => Buffer.from(bytes).fill('#', 1, 2));
  await expect(openFolder(folder, false, true)).rejects.toThrow(/its content differs from what was stored/);
  await (await openFolder(folder, true, true)).stop();
  const [when = ''] = await readdir(join(folder, 'lost+found'));
  expect(await readdir(join(folder, 'lost+found', when, 'blobs'))).toEqual([damaged]);
  await (await openFolder(folder, false, true)).stop();
});

describe('a repair', () => {
  it('without a journal moves all contents aside and deletes none, and the folder opens afterwards', async () => {
    const contents = (await readdir(join(folder, 'blobs'))).toSorted();
    await rm(join(folder, 'journal'), { recursive: true });
    const aws = await openFolder(folder, true);
    expect(aws.notices.join()).toContain('14 contents that no object has');
    await aws.stop();
    const [when = ''] = await readdir(join(folder, 'lost+found'));
    expect((await readdir(join(folder, 'lost+found', when, 'blobs'))).toSorted()).toEqual(contents);
    await (await openFolder(folder)).stop();
  });

  it('keeps every intact object if another one is truncated', async () => {
    const damaged = await contentsOfAnObject(folder);
    await change(join(folder, 'blobs', damaged), (bytes) => bytes.subarray(0, 2));
    const aws = await openFolder(folder, true);
    expect([...aws.s3.contents()]).toHaveLength(13);
    await aws.stop();
    const [when = ''] = await readdir(join(folder, 'lost+found'));
    expect(await readdir(join(folder, 'lost+found', when, 'blobs'))).toEqual([damaged]);
    await (await openFolder(folder)).stop();
  });

  it('lists what it moved aside, with the entries of the journal', async () => {
    const damaged = await contentsOfAnObject(folder);
    await change(join(folder, 'blobs', damaged), (bytes) => bytes.subarray(0, 2));
    const aws = await openFolder(folder, true);
    await aws.stop();
    const [when = ''] = await readdir(join(folder, 'lost+found'));
    const lines = (await readFile(join(folder, 'lost+found', when, 'entries.jsonl'), 'utf8')).split('\n');
    const [entry] = lines.map(
      (line) => JSON.parse(line || 'null') as { object: string; stored: { key: string } },
    );
    expect(lines).toHaveLength(2);
    expect(entry).toMatchObject({
      why: expect.stringContaining('it has 2 of'),
      object: expect.stringContaining(`uploads/${entry?.stored.key}`),
      stored: { segments: [{ id: damaged }] },
    });
  });

  it.each(['MANIFEST', 'CURRENT'])(
    'recovers a journal whose %s is lost, and keeps the former one',
    async (file) => {
      const journal = join(folder, 'journal');
      for (const name of await readdir(journal))
        if (name.startsWith(file)) await change(join(journal, name), () => Buffer.alloc(0));
      const before = await readdir(journal);
      const aws = await openFolder(folder, true);
      expect(await contentOf(aws)).toBe(held);
      expect(aws.notices.join()).toContain('its journal cannot be read');
      await aws.stop();
      const [when = ''] = await readdir(join(folder, 'lost+found'));
      expect(await readdir(join(folder, 'lost+found', when, 'journal'))).toEqual(before);
      expect(await openedContent()).toBe(held);
    },
  );

  it.each(['local-aws.json', 'acknowledged'])('of a damaged %s loses nothing', async (name) => {
    await writeFile(join(folder, name), 'damaged');
    expect(await refusal()).toEqual(refusedFor(new RegExp(`${name}.* is damaged`)));
    const aws = await openFolder(folder, true);
    expect(await contentOf(aws)).toBe(held);
    await aws.stop();
    expect(await openedContent()).toBe(held);
  });
});

it('a data folder that an earlier version uses is in use, and stays as it is', async () => {
  const db = new ClassicLevel(join(folder, 'journal'));
  await db.open();
  await expect(openFolder(folder)).rejects.toMatchObject({ kind: 'in use' });
  await db.close();
  expect((await readdir(folder)).filter((name) => name.startsWith('journal'))).toEqual(['journal']);
  expect(await openedContent()).toBe(held);
});
