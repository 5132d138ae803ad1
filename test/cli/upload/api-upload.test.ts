import { rmSync } from 'node:fs';
import { symlink } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { runApiUpload } from '../../../src/cli/upload/api-upload.ts';
import { LIMITS } from '../../../src/contract/limits.ts';
import { outputsOf, startCloudFormation } from '../../support/cloudformation.ts';
import { startCommandBench, type CommandBench } from '../../support/command-bench.ts';
import { createTestFolder, type TestFolder } from '../../support/command-folder.ts';
import { millraceHere } from '../../support/command-here.ts';
import { startTestServer } from '../../support/http-server.ts';
import { jsonLines } from '../../support/json-lines.ts';
import { atRequest } from '../../support/interrupting.ts';

let bench: CommandBench;
let folder: TestFolder;
beforeAll(async () => {
  [bench, folder] = await Promise.all([startCommandBench(), createTestFolder()]);
  await folder.file('photos/a.jpg', 'a');
  await folder.file('partly/a.jpg', 'some bytes');
  await folder.file('partly/empty.jpg', '');
});
afterAll(async () => {
  await bench.stop();
  await folder.remove();
});
afterEach(() => vi.unstubAllEnvs());

const upload = (...args: string[]) => bench.run('upload', ...args, '--api');
const OPTIONS = { prefix: '', concurrency: 1, include: [], exclude: [] };

it('a file that the API refuses does not block the others', async () => {
  const { code, stdout } = await upload(folder.at('partly'));
  expect(code).toBe(1);
  expect(stdout).toMatch(
    /^failed {2}empty\.jpg {2}file\.unreadable {2}.*\n1 uploaded \(10 bytes\), 0 skipped, 1 failed in /,
  );
  const [line] = jsonLines((await upload(folder.at('partly'), '--json')).stdout);
  expect(line).toMatchObject({ type: 'failed', key: 'empty.jpg', code: 'file.unreadable' });
});

it('a file that is gone does not block the others, and nothing is awaited if none is left', async () => {
  const file = await folder.file('gone/a.jpg', 'a');
  const uploading = atRequest(
    /deployment/,
    () => rmSync(file),
    () => upload(file, '--wait'),
  );
  const { code, stdout } = await uploading;
  expect(code).toBe(1);
  expect(stdout).toMatch(
    /^failed {2}a\.jpg {2}file\.unreadable {2}the file was deleted .*\n0 uploaded .* 0 pending, 1 failed in /,
  );
});

it('follows files with nothing to convert', async () => {
  const file = await folder.file('ignored/.DS_Store', 'x');
  const lines = await bench.lines('upload', file, '--api', '--wait');
  expect(lines).toMatchObject([
    { type: 'batch' },
    { type: 'ignored', key: expect.stringMatching(/^batches\/.*\/\.DS_Store$/) },
    { type: 'summary', uploaded: 1, ignored: 1, pending: 0 },
  ]);
  expect(await upload(file, '--wait')).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^1 uploaded .* 0 converted, 0 pending, 1 ignored, 0 failed in /),
  });
});

it.each([
  [{ wait: true as const }, 'more than the 50,000 that the API follows'],
  [{ bucket: 'uploads' }, 'the API uploads into the first bucket only'],
])('with %j, is refused before anything is uploaded', async (options, text) => {
  const file = { path: 'nowhere', key: 'a.jpg', isNamed: true };
  const files = Array.from({ length: LIMITS.countedUploads + 1 }, () => file);
  await expect(
    runApiUpload(files, new URL('http://127.0.0.1:1'), { ...OPTIONS, ...options }),
  ).rejects.toMatchObject({ exitCode: 2, message: expect.stringContaining(text) });
});

it('sends the token in the environment', async () => {
  vi.stubEnv('MILLRACE_TOKEN', 'secret');
  const seen: (string | undefined)[][] = [];
  const server = await startTestServer((request, response) => {
    seen.push([request.method, request.headers.authorization, request.headers['content-type']]);
    response.writeHead(403).end();
  });
  const { code } = await millraceHere('upload', folder.at('photos'), '--api', server.url);
  await server.stop();
  expect(code).toBe(3);
  expect(seen).toEqual([['POST', 'Bearer secret', 'application/json']]);
});

it('fails for a stack without an API', async () => {
  const cloudFormation = await startCloudFormation(new Map([['prod', outputsOf(bench.ops.deployment)]]));
  vi.stubEnv('AWS_ENDPOINT_URL_CLOUDFORMATION', cloudFormation.url);
  for (const name of ['AWS_REGION', 'AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY']) vi.stubEnv(name, 'x');
  const finished = await millraceHere('upload', folder.at('photos'), '--stack', 'prod', '--api');
  await cloudFormation.stop();
  expect(finished).toMatchObject({ code: 2, stderr: 'millrace: the deployment prod has no API\n' });
});

it('a folder in which everything is skipped ends with 1, and uploads nothing', async () => {
  const name = 'skipped/link.jpg';
  await folder.file('skipped/.keep', '');
  await symlink('nowhere', folder.at(name));
  for (const api of [[], ['--api']]) {
    const args = [folder.at('skipped'), '--exclude', '.keep', ...api];
    const { code, stdout, stderr } = await bench.run('upload', ...args);
    expect({ code, stdout }).toEqual({ code: 1, stdout: expect.stringMatching(/^0 uploaded/) });
    expect(stderr).toContain(`skipped ${folder.at(name)}: `);
  }
});
