import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { ClientRequest } from 'node:http';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { millraceHere } from '../support/command-here.ts';
import { ownUpload, type OwnUpload } from '../support/own-upload.ts';
import { startTestPipeline, type TestPipeline } from '../support/pipeline.ts';

let pipeline: TestPipeline;
let upload: OwnUpload;
beforeAll(async () => {
  pipeline = await startTestPipeline({ concurrency: 1 });
  upload = ownUpload(pipeline);
  await upload.put('no image');
});
afterAll(() => pipeline.stop());

/** Runs a backfill of failed uploads, and counts how often it lists the uploads. */
async function backfill(...more: string[]) {
  let listings = 0;
  const onRequest = (message: unknown) => {
    const { path } = (message as { request: ClientRequest }).request;
    if (path.startsWith('/uploads') && path.includes('list-type=2')) listings += 1;
  };
  subscribe('http.client.request.start', onRequest);
  try {
    const finished = await millraceHere('backfill', '', '--failed', ...more, '--endpoint', pipeline.url);
    return { ...finished, listings };
  } finally {
    unsubscribe('http.client.request.start', onRequest);
  }
}

it('counts what it would queue in a dry run, with or without --yes', async () => {
  for (const yes of [[], ['--yes']])
    expect(await backfill('--dry-run', ...yes)).toMatchObject({
      code: 0,
      stdout: '1 upload would be queued\n',
      listings: 1,
    });
});

it('with --yes checks the uploads once, and queues what it found', async () => {
  const { code, stdout, listings } = await backfill('--yes', '--json');
  expect(JSON.parse(stdout)).toEqual({
    type: 'summary',
    basis: 'objects',
    found: 1,
    queued: 1,
    dollars: 0,
  });
  expect({ code, listings }).toEqual({ code: 0, listings: 1 });
});

it('without --yes and without a terminal prints how many there are, and queues nothing', async () => {
  expect(await backfill()).toMatchObject({
    code: 2,
    stdout: '',
    stderr: expect.stringContaining('Queue 1 upload? '),
  });
});
