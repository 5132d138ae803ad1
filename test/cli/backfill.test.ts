import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { ClientRequest } from 'node:http';
import { PurgeQueueCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startCommandBench, type CommandBench } from '../support/command-bench.ts';
import { nextSecond } from '../support/eventually.ts';
import { interruptedAt } from '../support/interrupting.ts';
import { countMessages } from '../support/pipeline.ts';
import { onTerminalHere } from '../support/terminal-here.ts';

let bench: CommandBench;
/** An upload that failed, one with a result of an older recipe, one with a current result, and one with nothing. */
beforeAll(async () => {
  bench = await startCommandBench();
  for (const key of ['bad.jpg', 'old/stale.jpg', 'good.jpg', 'new/open.jpg']) await bench.upload(key);
  await nextSecond();
  await bench.fail('bad.jpg');
  await bench.convert('good.jpg');
  await bench.convert('old/stale.jpg', { recipe: 'older' });
  await bench.sqs.send(new PurgeQueueCommand({ QueueUrl: queue() }));
});
afterAll(() => bench.stop());

const queue = () => bench.ops.deployment.conversionQueueUrl;
const queued = () => countMessages(bench.sqs, queue());

/** Runs a backfill, and counts how often it lists the uploads. */
async function backfill(prefix: string, ...more: string[]) {
  let listings = 0;
  const onRequest = (message: unknown) => {
    const { path } = (message as { request: ClientRequest }).request;
    if (path.startsWith('/uploads') && path.includes('list-type=2')) listings += 1;
  };
  subscribe('http.client.request.start', onRequest);
  try {
    return { ...(await bench.run('backfill', prefix, ...more)), listings };
  } finally {
    unsubscribe('http.client.request.start', onRequest);
  }
}

it('counts what it would queue in a dry run, with or without --yes', async () => {
  for (const yes of [[], ['--yes']])
    expect(await backfill('bad', '--failed', '--dry-run', ...yes)).toMatchObject({
      code: 0,
      stdout: '1 upload would be queued\n',
      listings: 1,
    });
  expect(await queued()).toBe(0);
});

it('with --yes checks the uploads once, and queues what it found', async () => {
  const before = await queued();
  const { code, stdout, listings } = await backfill('bad', '--failed', '--yes', '--json');
  expect(JSON.parse(stdout)).toEqual({
    type: 'summary',
    basis: 'objects',
    found: 1,
    queued: 1,
    dollars: 0,
  });
  expect({ code, listings }).toEqual({ code: 0, listings: 1 });
  expect(await queued()).toBe(before + 1);
});

it('without --yes and without a terminal prints how many there are, and queues nothing', async () => {
  const before = await queued();
  expect(await backfill('bad', '--failed')).toMatchObject({
    code: 2,
    stdout: '',
    stderr: expect.stringContaining('Queue 1 upload? '),
  });
  expect(await queued()).toBe(before);
});

describe('of all keys', () => {
  it.each([
    [[], 1],
    [['--failed'], 2],
    [['--stale'], 2],
    [['--stale', '--failed'], 3],
  ])('with %j finds %i', async (options, found) => {
    expect(await bench.lines('backfill', '', '--dry-run', ...options)).toEqual([
      { type: 'summary', basis: 'objects', found, queued: 0, dollars: 0 },
    ]);
  });

  it('by listing does not compare recipes', async () => {
    const [summary] = await bench.lines('backfill', '', '--dry-run', '--by-listing');
    expect(summary).toMatchObject({ basis: 'listings', found: 1 });
    expect(await backfill('', '--dry-run', '--by-listing')).toMatchObject({
      stdout: '1 upload would be queued\n',
      stderr: expect.stringContaining('without --by-listing, each object is checked'),
    });
    expect(await backfill('', '--by-listing', '--stale', '--dry-run')).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringContaining('exclude each other'),
    });
  });
});

it('says how to see the progress', async () => {
  expect(await backfill('new/', '--yes', '--rate', '1000')).toMatchObject({
    code: 0,
    stdout: '1 upload queued; to see the progress: millrace status new/\n',
    stderr: '',
  });
});

it.each([[['--yes']], [['--dry-run']], [[]]])(
  'with %j fails if no upload has the prefix',
  async (options) => {
    expect(await backfill('nowhere/', ...options)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('nowhere/'),
    });
    // All that have it are converted.
    expect((await backfill('good', ...options)).code).toBe(0);
  },
);

it('shows its progress on a terminal', async () => {
  const slow = ['--stale', '--failed', '--rate', '1'];
  const { code, stderr } = await onTerminalHere(() => bench.run('backfill', '', ...slow, '--yes'));
  expect(code).toBe(0);
  expect(stderr).toMatch(/\r\u001b\[2K\d · \d\.\d per second(?=\r)/);
});

it('that is interrupted ends with 130, and says that the same command continues', async () => {
  const finished = await interruptedAt(/list-type=2/, () => backfill('', '--failed', '--yes'));
  expect(finished).toMatchObject({ code: 130, stderr: expect.stringContaining('queues the rest') });
});
