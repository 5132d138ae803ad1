import { access, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { millrace, millraceStart, type Started } from '../support/command.ts';
import { eventually } from '../support/eventually.ts';
import { startTestServer } from '../support/http-server.ts';
import { photo } from '../support/images.ts';
import { clientsOf } from '../support/pipeline.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-test-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('millrace start', () => {
  let started: Started;
  beforeAll(async () => {
    started = await millraceStart('--data', join(folder, 'data'));
  });

  it("reports an upload's status over HTTP, whatever its key", async () => {
    const { s3 } = clientsOf(started.awsUrl);
    const statusOf = async (key: string) => {
      const answer = await fetch(
        `${started.url}/objects/${key.split('/').map(encodeURIComponent).join('/')}`,
      );
      return [answer.status, await answer.json()];
    };
    const key = 'a folder/100% + é🏞️.jpg';
    expect(await statusOf(key)).toEqual([404, { status: 'unknown', basis: 'objects', key }]);
    await s3.send(new PutObjectCommand({ Bucket: 'uploads', Key: key, Body: await photo() }));
    await s3.send(new PutObjectCommand({ Bucket: 'uploads', Key: 'text.jpg', Body: 'I am no photo' }));
    const converted = await eventually('it is converted', async () => {
      const [, body] = await statusOf(key);
      return (body as { status: string }).status !== 'pending' && body;
    });
    expect(converted).toMatchObject({
      status: 'converted',
      key,
      results: [{ rendition: 'web', key, contentType: 'image/webp', width: 1024, height: 819 }],
    });
    const failed = await eventually('it has failed', async () => {
      const [, body] = await statusOf('text.jpg');
      return (body as { status: string }).status !== 'pending' && body;
    });
    expect(failed).toMatchObject({ status: 'failed', code: 'image.unsupported_format', attempts: 1 });
    s3.destroy();
  });

  it('responds to unknown requests with a problem', async () => {
    const answer = await fetch(`${started.url}/nothing/here`);
    expect([answer.status, answer.headers.get('content-type')]).toEqual([404, 'application/problem+json']);
    expect(await answer.json()).toMatchObject({ code: 'route.unknown', status: 404 });
  });

  it('does not share its data folder', async () => {
    const second = await millrace('start', '--port', '0', '--aws-port', '0', '--data', join(folder, 'data'));
    expect(second).toMatchObject({
      code: 3,
      stdout: '',
      stderr: expect.stringContaining('in use by another pipeline'),
    });
  });

  it('ends with 0 on Ctrl-C, with its worker processes', async () => {
    expect(await started.end('SIGINT')).toBe(0);
    await expect(fetch(started.url)).rejects.toThrow('fetch failed');
  });
});

it('names the port that is in use', async () => {
  const { url, stop } = await startTestServer((_, response) => response.end());
  const { port } = new URL(url);
  const finished = await millrace('start', '--port', '0', '--aws-port', port);
  expect(finished).toMatchObject({
    code: 3,
    stdout: '',
    stderr: expect.stringContaining(`port ${port} is in use; choose another`),
  });
  await stop();
});

it('refuses an invalid port', async () => {
  const finished = await millrace('start', '--port', '99999');
  expect(finished).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('whole number from 0 to 65535'),
  });
});

it('removes its temporary folder at the end', async () => {
  const started = await millraceStart();
  const { logFolder } = started;
  await access(logFolder);
  expect(await started.end('SIGTERM')).toBe(0);
  await expect(access(logFolder)).rejects.toThrow('ENOENT');
});
