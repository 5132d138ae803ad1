import { rmSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { symlink } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { runApiUpload } from '../../../src/cli/upload/api-upload.ts';
import { LIMITS } from '../../../src/contract/limits.ts';
import { outputsOf, startCloudFormation } from '../../support/cloudformation.ts';
import { startCommandBench, type CommandBench } from '../../support/command-bench.ts';
import { createTestFolder, type TestFolder } from '../../support/command-folder.ts';
import { millraceHere } from '../../support/command-here.ts';
import { startTestServer, type TestServer } from '../../support/http-server.ts';
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

/** An API whose batch has these counts and converted objects, of which it refuses each single lookup. */
async function startApiWith(counts: object, pages: readonly (readonly string[])[]): Promise<TestServer> {
  const batch = `20260101-${'0'.repeat(32)}`;
  const prefix = `batches/${batch}/`;
  const answer = (request: IncomingMessage): object | undefined => {
    const url = new URL(request.url ?? '', 'http://127.0.0.1');
    if (url.pathname === '/uploads')
      return {
        batch,
        prefix,
        post: { url: `${server.url}/storage`, fields: {} },
        expiresAt: '2100-01-01T00:00:00Z',
        multipartAbove: 1000,
        files: [{ name: 'a.jpg', key: `${prefix}a.jpg` }],
      };
    if (url.pathname.startsWith('/objects/')) return undefined;
    if (!url.pathname.endsWith('/objects'))
      return { batch, basis: 'listings', truncated: false, failed: 0, pending: 0, ignored: 0, ...counts };
    const page = Number(url.searchParams.get('after') ?? 0);
    const state = url.searchParams.get('state') ?? 'converted';
    const names = state === 'converted' ? (pages[page] ?? []) : [];
    const objects = names.map((name) => ({
      key: prefix + name,
      name,
      bytes: 1,
      state: 'converted',
      uploadedAt: '2026-01-01T00:00:00Z',
    }));
    return { batch, basis: 'listings', objects, ...(pages[page + 1] && { next: String(page + 1) }) };
  };
  const server = await startTestServer((request, response) => {
    request.resume().on('end', () => {
      const body = request.url === '/storage' ? {} : answer(request);
      response.writeHead(body === undefined ? 403 : 200, { 'content-type': 'application/json' });
      response.end(JSON.stringify(body ?? {}));
    });
  });
  return server;
}

it('a lookup that is refused ends the command with its code', async () => {
  const names = Array.from({ length: 60 }, (_, index) => `${index}.jpg`);
  const server = await startApiWith({ uploaded: 61, converted: 61 }, [names, ['last.jpg']]);
  const file = await folder.file('refused/a.jpg', 'a');
  const finished = await millraceHere('upload', file, '--api', server.url, '--wait', '--json');
  await server.stop();
  expect(finished).toMatchObject({ code: 3, stderr: expect.stringContaining('not allowed: ') });
  expect(finished.stdout).not.toContain('"converted"');
});

it('an upload that is deleted in the meantime is no longer awaited', async () => {
  const server = await startApiWith({ uploaded: 0, converted: 0 }, [[]]);
  const file = await folder.file('deleted/a.jpg', 'a');
  const args = ['upload', file, '--api', server.url, '--wait'];
  const text = await millraceHere(...args);
  const lines = jsonLines((await millraceHere(...args, '--json')).stdout);
  await server.stop();
  expect(text).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^1 uploaded .* 0 converted, 0 pending, 1 gone, 0 failed in /),
  });
  expect(lines).toMatchObject([
    { type: 'batch' },
    { type: 'gone', key: expect.stringMatching(/\/a\.jpg$/) },
    { type: 'summary', uploaded: 1, gone: 1, pending: 0 },
  ]);
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
