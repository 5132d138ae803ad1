import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { symlink } from 'node:fs/promises';
import { sep } from 'node:path';
import { DeleteObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { localClientConfig } from '@millrace/local-aws/client-config';
import { startCommandBench, type CommandBench } from '../support/command-bench.ts';
import { millraceHere } from '../support/command-here.ts';
import { createTestFolder, type TestFolder } from '../support/command-folder.ts';
import { eventually, nextSecond } from '../support/eventually.ts';
import { atRequest, interruptedAt } from '../support/interrupting.ts';
import { listKeys } from '../support/pipeline.ts';
import { jsonLines } from '../support/json-lines.ts';
import { startRefusingPipeline, type RefusingPipeline } from '../support/refusing-pipeline.ts';
import { onTerminalHere } from '../support/terminal-here.ts';

const ODD = [
  'with space.jpg',
  'a+b.jpg',
  '100%.jpg',
  '%2F.jpg',
  '🏞️ é.jpg',
  '.hidden',
  'a[1].jpg',
  'b&c=d#e.jpg',
  'line\nbreak.jpg',
];

let bench: CommandBench;
let folder: TestFolder;
let s3: S3Client;
beforeAll(async () => {
  [bench, folder] = await Promise.all([startCommandBench(), createTestFolder()]);
  s3 = bench.s3;
  for (const name of ['top.jpg', 'sub/one.jpg', 'sub/two.png', 'sub/deep/draft-three.jpg'])
    await folder.file(`photos/${name}`, name);
  for (const name of ODD) await folder.file(`odd/${name}`, name);
});
afterAll(async () => {
  await bench.stop();
  await folder.remove();
});

const upload = (...args: string[]) => bench.run('upload', ...args);

/** Returns the keys that a command would upload to. */
async function keysOf(...args: string[]): Promise<string[]> {
  const finished = await upload(...args, '--dry-run', '--json');
  expect(finished).toMatchObject({ code: 0 });
  return finished.stdout
    .split('\n')
    .flatMap((text) => /"type":"planned","key":"([^"]*)"/.exec(text)?.[1] ?? []);
}

it('skips system files, prints how many, and uploads those that are named', async () => {
  for (const name of ['.DS_Store', 'sub/._a.jpg', 'sub/Thumbs.db', 'a.jpg'])
    await folder.file(`littered/${name}`, name);
  const finished = await upload(folder.at('littered'), '--prefix', 'littered/');
  expect(finished).toMatchObject({ code: 0 });
  expect(finished.stderr).toContain('ignored 3 files (.DS_Store, ._*, Thumbs.db, desktop.ini)');
  expect((await listKeys(s3, 'uploads')).filter((key) => key.startsWith('littered/'))).toEqual([
    'littered/a.jpg',
  ]);
  expect(await keysOf(folder.at('littered/sub/Thumbs.db'))).toEqual(['Thumbs.db']);
  const nothing = await upload(folder.at('littered/sub'));
  expect(nothing).toMatchObject({ code: 2 });
  expect(nothing.stderr).toMatch(/ignored 2 files .*\n.*nothing to upload/);
});

it('keys are the paths in the folder, after the literal prefix', async () => {
  expect(await keysOf(folder.at('photos'), '--prefix', '2026-')).toEqual([
    '2026-sub/deep/draft-three.jpg',
    '2026-sub/one.jpg',
    '2026-sub/two.png',
    '2026-top.jpg',
  ]);
});

it("keys of a pattern start after its fixed part, and a file's key is its name", async () => {
  expect(await keysOf(folder.at('photos/**/*.jpg'), folder.at('photos/sub/two.png'))).toEqual([
    'sub/deep/draft-three.jpg',
    'sub/one.jpg',
    'top.jpg',
    'two.png',
  ]);
});

it('--include and --exclude select files in a folder', async () => {
  const chosen = ['--include', '**/*.jpg', '--include', '*.png', '--exclude', '**/draft-*'];
  expect(await keysOf(folder.at('photos'), ...chosen)).toEqual(['sub/one.jpg', 'top.jpg']);
});

it('refuses a selection that matches no file', async () => {
  const finished = await upload(folder.at('photos'), '--include', '*.tif');
  expect(finished).toMatchObject({ code: 2, stdout: '' });
  expect(finished.stderr).toContain(`no file in ${folder.at('photos')} matches: nothing to upload`);
});

it.skipIf(sep === '\\')('keys keep their backslashes, which are not separators here', async () => {
  await folder.file('backslashes/a\\b.jpg', '1');
  await folder.file('backslashes/a/b.jpg', '2');
  const finished = await upload(folder.at('backslashes'), '--dry-run', '--json');
  expect(jsonLines(finished.stdout).map(({ key }) => key)).toEqual(['a/b.jpg', 'a\\b.jpg', undefined]);
});

it('names what it skips, and exits with 1; --follow-links follows links', async () => {
  await folder.file('linked/photo.jpg', 'x');
  await symlink(folder.at('photos'), folder.at('linked/more'));
  await symlink('nowhere', folder.at('linked/broken'));
  const skipping = await upload(folder.at('linked'), '--dry-run');
  expect(skipping).toMatchObject({
    code: 1,
    stdout: expect.stringMatching(/^.*photo\.jpg -> photo\.jpg\n$/),
  });
  expect(skipping.stderr).toContain(`skipped ${folder.at('linked/more')}: symbolic links are not followed`);
  const following = await upload(folder.at('linked'), '--dry-run', '--follow-links');
  expect(following.stdout).toContain('-> more/sub/one.jpg');
  expect(following.stderr).toContain(`skipped ${folder.at('linked/broken')}: the link leads nowhere: ENOENT`);
});

it('a bucket must be an upload bucket, and a time limit needs a wait', async () => {
  expect(await upload(folder.at('photos'), '--bucket', 'results')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('its upload buckets: uploads'),
  });
  expect(await upload(folder.at('photos'), '--timeout', '5')).toMatchObject({ code: 2 });
  expect(await upload(folder.at('none'))).toMatchObject({ code: 2 });
});

it('with --wait ends as still pending if files have no outcome when the wait ends', async () => {
  const args = ['--prefix', 'waiting/', '--wait', '--timeout', '1'];
  const { code, stdout, stderr } = await upload(folder.at('photos/sub'), ...args);
  expect(code).toBe(4);
  expect(stdout).toMatch(/^3 uploaded \(\d+ bytes\), 0 skipped, 0 converted, 3 pending, 0 failed in /);
  expect(stderr).toContain('3 uploads still pending when the wait ended');
});

it('counts the time limit of --wait from the last upload', async () => {
  const order: string[] = [];
  const schedule = globalThis.setTimeout;
  const fake = (act: () => void, milliseconds: number) => {
    if (milliseconds !== 4_321_000) return schedule(act, milliseconds);
    order.push('limit');
    return schedule(act, 0);
  };
  vi.stubGlobal('setTimeout', Object.assign(fake, schedule));
  onTestFinished(() => void vi.unstubAllGlobals());
  const args = [folder.at('photos/sub'), '--prefix', 'limit/', '--wait', '--timeout', '4321'];
  const onRequest = ({ request }: { request: { method: string } }) => {
    if (request.method === 'PUT') order.push('upload');
  };
  subscribe('http.client.request.start', onRequest as () => void);
  onTestFinished(() => void unsubscribe('http.client.request.start', onRequest as () => void));
  expect(await upload(...args)).toMatchObject({ code: 4 });
  expect(order).toEqual(['upload', 'upload', 'upload', 'limit']);
});

it('with --wait ends for a file that is deleted meanwhile', async () => {
  const Key = 'gone/top.jpg';
  const deleted = atRequest(
    /^GET \/results\b/,
    () => void s3.send(new DeleteObjectCommand({ Bucket: 'uploads', Key })),
    () => bench.lines('upload', folder.at('photos/top.jpg'), '--prefix', 'gone/', '--wait'),
  );
  expect(await deleted).toMatchObject([
    { type: 'gone', key: Key },
    { type: 'summary', uploaded: 1, converted: 0, failed: 0, pending: 0, gone: 1 },
  ]);
});

it('with --wait reports the outcome of each file, also of one that was skipped', async () => {
  for (const name of ['good.jpg', 'bad.jpg']) await folder.file(`ends/${name}`, name);
  const args = [folder.at('ends'), '--prefix', 'ends/'];
  expect(await upload(...args)).toMatchObject({ code: 0 });
  await nextSecond();
  await bench.convert('ends/good.jpg');
  await bench.fail('ends/bad.jpg');
  const waiting = [...args, '--skip-existing', '--wait'];
  const { code, stdout } = await upload(...waiting);
  expect(code).toBe(1);
  expect(stdout.split('\n')).toEqual([
    'failed  ends/bad.jpg  image.corrupt  m',
    expect.stringMatching(/^0 uploaded .*, 2 skipped, 1 converted, 0 pending, 1 failed in /),
    '',
  ]);
  const lines = (await bench.lines('upload', ...waiting)).toSorted((a, b) =>
    String(a['type']).localeCompare(String(b['type'])),
  );
  expect(lines).toMatchObject([
    { type: 'converted', key: 'ends/good.jpg', results: [{ rendition: 'web' }] },
    { type: 'failed', key: 'ends/bad.jpg', code: 'image.corrupt' },
    { type: 'summary', uploaded: 2, converted: 1, failed: 1, pending: 0, skipped: 2 },
  ]);
});

it('through the API, uploads a batch and follows it', async () => {
  const { code, stdout, stderr } = await upload(folder.at('photos'), '--api');
  expect({ code, stdout }).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^4 uploaded \(\d+ bytes\), 0 skipped, 0 failed in /),
  });
  const [, batch = ''] = /^batch (.*)$/m.exec(stderr) ?? [];
  const prefix = `batches/${batch}/`;
  const keys = (await listKeys(s3, 'uploads')).filter((key) => key.startsWith(prefix));
  expect(keys.map((key) => key.slice(prefix.length))).toEqual([
    'sub/deep/draft-three.jpg',
    'sub/one.jpg',
    'sub/two.png',
    'top.jpg',
  ]);
  const pending = await upload(folder.at('photos/top.jpg'), '--api', '--wait', '--timeout', '1', '--json');
  expect(pending).toMatchObject({ code: 4 });
  expect(pending.stdout.split('\n').map((line) => /"type":"(\w+)"/.exec(line)?.[1])).toEqual([
    'batch',
    'summary',
    undefined,
  ]);
});

it.each([
  [['--api', '--bucket', 'uploads'], '--bucket: the API uploads into the first bucket only'],
  [['--api', '--skip-existing'], '--skip-existing'],
])('through the API, refuses %j', async (args, text) => {
  expect(await upload(folder.at('photos'), ...args)).toMatchObject({
    code: 2,
    stderr: expect.stringContaining(text),
  });
});

it('two files with the same key are refused before anything is uploaded', async () => {
  await folder.file('other/one.jpg', 'another one');
  const finished = await upload(folder.at('photos/sub'), folder.at('other'), '--prefix', 'twice/');
  expect(finished).toMatchObject({ code: 2, stdout: '' });
  expect(finished.stderr).toMatch(
    /sub\/one\.jpg and .*other\/one\.jpg would both have the key twice\/one\.jpg/,
  );
  expect((await listKeys(s3, 'uploads')).filter((key) => key.startsWith('twice/'))).toEqual([]);
});

it('the error about two files with the same key shows their names without control characters', async () => {
  for (const parent of ['one', 'two']) await folder.file(`escaped/${parent}/a\u001b.jpg`, parent);
  const finished = await upload(folder.at('escaped/one'), folder.at('escaped/two'));
  expect(finished).toMatchObject({ code: 2, stderr: expect.stringContaining('the key a\\u001b.jpg') });
});

it('any file name becomes exactly that key, and is recognized again', async () => {
  expect(await upload(folder.at('odd'), '--prefix', 'odd/')).toMatchObject({ code: 0 });
  const keys = (await listKeys(s3, 'uploads')).filter((key) => key.startsWith('odd/'));
  expect(new Set(keys)).toEqual(new Set(ODD.map((name) => `odd/${name}`)));
  const again = await upload(folder.at('odd'), '--prefix', 'odd/', '--skip-existing', '--json');
  expect(again.stdout).toMatch(/"uploaded":0,"skipped":9,"failed":0/);
});

it('a file that cannot be uploaded does not block the others', async () => {
  // A name that is too long for S3, which affects only this file.
  const long = `${'a'.repeat(200)}.jpg`;
  await folder.file(`long/${long}`, 'long');
  await folder.file('long/b.jpg', 'short');
  const finished = await upload(folder.at('long'), '--prefix', 'p/'.repeat(450));
  expect(finished).toMatchObject({ code: 1 });
  expect(finished.stdout).toMatch(
    /^failed .*file\.unreadable .*\n1 uploaded \(5 bytes\), 0 skipped, 1 failed/,
  );
});

it('--skip-existing recognizes an upload from a client that sends no checksum', async () => {
  const plain = new S3Client({
    ...localClientConfig(bench.aws.url),
    forcePathStyle: true,
    requestChecksumCalculation: 'WHEN_REQUIRED',
  });
  const put = (Body: string) =>
    plain.send(new PutObjectCommand({ Bucket: 'uploads', Key: 'plain/top.jpg', Body }));
  await put('top.jpg');
  const again = () => upload(folder.at('photos/top.jpg'), '--prefix', 'plain/', '--skip-existing', '--json');
  expect((await again()).stdout).toMatch(/"uploaded":0,"skipped":1/);
  // The same length, but different.
  await put('pot.jpg');
  expect((await again()).stdout).toMatch(/"uploaded":1,"skipped":0/);
  plain.destroy();
});

it('as JSON prints a line for each file, then a summary', async () => {
  const args = ['upload', folder.at('photos/sub'), '--prefix', 'lines/', '--exclude', 'deep/**'];
  const summary = { type: 'summary', failed: 0, seconds: expect.any(Number) };
  expect(await bench.lines(...args, '--concurrency', '1')).toEqual([
    { type: 'uploaded', key: 'lines/one.jpg', bytes: 11 },
    { type: 'uploaded', key: 'lines/two.png', bytes: 11 },
    { ...summary, uploaded: 2, skipped: 0, bytes: 22 },
  ]);
  expect(await bench.lines(...args, '--concurrency', '1', '--skip-existing')).toEqual([
    { type: 'skipped', key: 'lines/one.jpg', bytes: 11 },
    { type: 'skipped', key: 'lines/two.png', bytes: 11 },
    { ...summary, uploaded: 0, skipped: 2, bytes: 0 },
  ]);
});

it('with --wait ends for a file with nothing to convert', async () => {
  const file = await folder.file('ignored/.DS_Store', 'x');
  const args = [file, '--prefix', 'ignored/', '--wait'];
  expect(await upload(...args)).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/ 0 converted, 0 pending, 1 ignored, 0 failed in /),
  });
  expect(await bench.lines('upload', ...args)).toMatchObject([
    { type: 'ignored', key: 'ignored/.DS_Store' },
    { type: 'summary', ignored: 1, converted: 0 },
  ]);
});

it.each([
  [[], '3 files not uploaded; to continue, run the same command with --skip-existing'],
  [['--wait'], '3 files not uploaded; to continue, run the same command with --skip-existing'],
  [['--api'], '4 files not uploaded; the same command uploads all files again, as another batch'],
])('that is interrupted with %j ends with 130, and says how to continue', async (options, text) => {
  const args = [folder.at('photos'), '--concurrency', '1', ...options];
  const { code, stderr } = await interruptedAt(/^(PUT|POST) /, () => upload(...args));
  expect(code).toBe(130);
  expect(stderr).toContain(`interrupted with ${text}`);
});

describe('a pipeline that refuses requests', () => {
  let refusing: RefusingPipeline;
  afterEach(() => refusing.stop());
  const refuse = async (status: number, body: string) =>
    (refusing = await startRefusingPipeline(bench.ops.deployment, status, body));

  it('ends the upload once, with 3', async () => {
    const { url } = await refuse(403, '<Error><Code>AccessDenied</Code><Message>no</Message></Error>');
    for (const wait of [[], ['--wait']]) {
      const args = [folder.at('photos'), '--concurrency', '1', ...wait, '--endpoint', url];
      const { code, stdout, stderr } = await millraceHere('upload', ...args);
      expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
      expect(stderr).toMatch(/^millrace: not allowed: AccessDenied: no\n$/);
    }
    expect(refusing.requests).toBe(2);
  });

  it.each([
    [401, 'not allowed: '],
    [403, 'not allowed: '],
    [400, 'the API refused: '],
  ])('with %i ends an upload through its API with 3', async (status, text) => {
    const { url } = await refuse(status, '{"message":"no"}');
    const { code, stdout, stderr } = await millraceHere('upload', folder.at('photos'), '--api', url);
    expect({ code, stdout }).toEqual({
      code: 3,
      stdout: expect.stringMatching(/^$|^0 uploaded/),
    });
    expect(stderr).toContain(`millrace: ${text}`);
  });
});

describe('through the API, with --wait', () => {
  /** Takes the worker's role for a file that is converted and one that fails. */
  async function uploadTwo(...options: string[]) {
    const all = (await listKeys(s3, 'uploads')).length;
    const running = upload(folder.at('ends'), '--api', '--wait', ...options);
    await eventually('both are uploaded', async () => (await listKeys(s3, 'uploads')).length === all + 2);
    await nextSecond();
    for (const key of await listKeys(s3, 'uploads'))
      if (/^batches\/.*\/good\.jpg$/.test(key)) await bench.convert(key);
      else if (/^batches\/.*\/bad\.jpg$/.test(key)) await bench.fail(key);
    return running;
  }

  it('prints each failure, and counts the others', async () => {
    const { code, stdout } = await uploadTwo();
    expect(code).toBe(1);
    expect(stdout).toMatch(
      /^failed {2}batches\/\S+\/bad\.jpg {2}image\.corrupt {2}m\n2 uploaded \(15 bytes\), 0 skipped, 1 converted, 0 pending, 1 failed in /,
    );
  });

  it('as JSON prints the outcome of each file', async () => {
    const { code, stdout } = await uploadTwo('--json');
    expect(code).toBe(1);
    expect(jsonLines(stdout)).toEqual([
      { type: 'batch', batch: expect.any(String) },
      { type: 'failed', key: expect.stringMatching(/bad\.jpg$/), code: 'image.corrupt', message: 'm' },
      {
        type: 'converted',
        key: expect.stringMatching(/good\.jpg$/),
        results: [expect.objectContaining({ rendition: 'web' })],
      },
      {
        type: 'summary',
        uploaded: 2,
        converted: 1,
        failed: 1,
        pending: 0,
        ignored: 0,
        gone: 0,
        skipped: 0,
        bytes: 15,
        seconds: expect.any(Number),
      },
    ]);
  });

  it('as JSON without --wait prints each uploaded file', async () => {
    const lines = await bench.lines('upload', folder.at('ends'), '--api', '--concurrency', '1');
    expect(lines).toMatchObject([
      { type: 'batch' },
      { type: 'uploaded', key: expect.stringMatching(/bad\.jpg$/), bytes: 7 },
      { type: 'uploaded', key: expect.stringMatching(/good\.jpg$/), bytes: 8 },
      { type: 'summary', uploaded: 2, failed: 0, bytes: 15 },
    ]);
  });
});

it.each([[[]], [['--api']]])(
  'with --wait %j shows its progress on a terminal, and then removes it',
  async (options) => {
    const args = [
      folder.at('photos/sub'),
      '--prefix',
      'live/',
      '--exclude',
      'deep/**',
      '--wait',
      '--timeout',
      '1',
    ];
    const { stdout, stderr } = await onTerminalHere(() => upload(...args, ...options));
    expect(stderr).toMatch(/\r\u001b\[2K2 of 2 \(100 %\) · [\d.]+ per second · 22 bytes · 0 converted(?=\r)/);
    const lines = (stdout + stderr).split('\r\u001b[2K');
    expect(lines.at(-1)).not.toContain('of 2');
  },
);

it.each(['nonsense', 'ftp://127.0.0.1', 'file:///etc'])('--api %s is no address', async (address) => {
  expect(await upload(folder.at('photos'), '--api', address)).toMatchObject({
    code: 2,
    stderr: expect.stringContaining(`--api: expected a URL, got "${address}"`),
  });
});

it('a dry run with --skip-existing shows what is not uploaded yet', async () => {
  const args = [folder.at('photos/sub'), '--prefix', 'dry/', '--exclude', 'deep/**', '--dry-run'];
  const planned = [
    `${folder.at('photos/sub/one.jpg')} -> dry/one.jpg\n`,
    `${folder.at('photos/sub/two.png')} -> dry/two.png\n`,
  ];
  const skipping = () => upload(...args, '--skip-existing');
  expect(await skipping()).toMatchObject({
    code: 0,
    stdout: planned.join(''),
    stderr: '2 files would be uploaded\n',
  });
  await s3.send(new PutObjectCommand({ Bucket: 'uploads', Key: 'dry/one.jpg', Body: 'sub/one.jpg' }));
  expect(await skipping()).toMatchObject({ stdout: planned[1], stderr: '1 file would be uploaded\n' });
  expect((await upload(...args)).stdout).toBe(planned.join(''));
  expect((await bench.lines('upload', ...args)).at(-1)).toEqual({ type: 'summary', planned: 2 });
  expect((await upload(...args, '--bucket', 'results', '--skip-existing')).code).toBe(2);
});
