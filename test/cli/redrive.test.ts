import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startCommandBench, type CommandBench } from '../support/command-bench.ts';
import { createTestFolder, type TestFolder } from '../support/command-folder.ts';
import { eventually } from '../support/eventually.ts';
import { letterOf, sendAll } from '../support/ops.ts';
import { countMessages } from '../support/pipeline.ts';

let bench: CommandBench;
let folder: TestFolder;
beforeEach(async () => {
  [bench, folder] = await Promise.all([startCommandBench(), createTestFolder()]);
  const letters = [letterOf('a.jpg', 'image.corrupt'), letterOf('b.jpg', 'image.corrupt')];
  await sendAll(bench.ops, queue(), [...letters, letterOf('c.jpg', 'process.died')]);
});
afterEach(async () => {
  await bench.stop();
  await folder.remove();
});

const queue = () => bench.ops.deployment.deadLetterQueueUrl;
const left = () => countMessages(bench.sqs, queue());
const retried = () => countMessages(bench.sqs, bench.ops.deployment.retryQueueUrl);
const redrives = () => bench.lines('redrive', 'status');

describe('millrace redrive', () => {
  it('without --yes shows what it would move, and moves nothing', async () => {
    const { code, stdout, stderr } = await bench.run('redrive');
    expect(code).toBe(0);
    expect(
      stdout
        .trimEnd()
        .split('\n')
        .map((row) => row.split(/ {2,}/)),
    ).toEqual([
      ['CODE', 'COUNT', 'RETRY', 'SAMPLE'],
      ['image.corrupt', '2', 'fix the cause first', expect.any(String)],
      ['process.died', '1', 'can help', 'c.jpg'],
    ]);
    expect(stderr).toContain('3 dead letters would be moved');
    expect(await bench.lines('redrive', '--code', 'process.died')).toMatchObject([
      { type: 'plan', code: 'process.died', count: 1 },
      { type: 'summary', planned: 1, moved: 0 },
    ]);
    expect([await left(), await redrives()]).toEqual([3, []]);
  });

  it('says so if it would move nothing, and fails if that was asked for', async () => {
    expect(await bench.run('redrive', '--archived')).toMatchObject({
      code: 0,
      stdout: 'no dead letter would be moved\n',
    });
    for (const yes of [[], ['--yes']])
      expect((await bench.run('redrive', '--key', 'none', ...yes)).code).toBe(1);
    expect(await left()).toBe(3);
  });

  it('moves the dead letters of a code, and records who and why', async () => {
    const moved = await bench.run(
      'redrive',
      '--code',
      'image.corrupt',
      '--rate',
      '50',
      '--reason',
      'fixed',
      '--yes',
    );
    expect(moved).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^2 moved, 0 converted, 0 failed again, /),
    });
    expect([await left(), await retried()]).toEqual([1, 2]);
    expect(await redrives()).toMatchObject([
      {
        type: 'redrive',
        state: 'done',
        why: 'fixed',
        what: 'dead letters with code image.corrupt, 50 per second',
        counts: { moved: 2 },
      },
    ]);
  });

  it('ends as still pending if objects have no outcome when the wait ends', async () => {
    await bench.upload('c.jpg');
    const args = ['--key', 'c.jpg', '--wait', '--timeout', '1', '--stop-if-failing', '10%'];
    const { code, stdout, stderr } = await bench.run('redrive', ...args, '--yes');
    expect(code).toBe(4);
    expect(stdout).toMatch(/^1 moved, 0 converted, 0 failed again, 1 pending \(/m);
    expect(stderr).toContain('1 object still pending when the wait ended');
    expect(await redrives()).toMatchObject([
      { what: 'dead letters with key c.jpg, stop if 10 % fail, followed to the end' },
    ]);
  });

  it('moves what a file has, and leaves out what it has not', async () => {
    const file = folder.at('copies.jsonl');
    await bench.run('dlq', 'export', file, '--code', 'process.died');
    expect(await bench.run('redrive', '--from', file, '--yes')).toMatchObject({ code: 0 });
    expect([await left(), await retried()]).toEqual([2, 1]);
  });

  it('moves the archive', async () => {
    await bench.run('dlq', 'archive', '--older-than', '0', '--yes');
    expect(await bench.run('redrive', '--archived', '--yes')).toMatchObject({ code: 0 });
    expect([await left(), await retried()]).toEqual([0, 3]);
    expect((await bench.run('redrive', '--archived')).stdout).toBe('no dead letter would be moved\n');
  });

  it.each([
    [['--timeout', '5'], '--timeout limits the wait'],
    [['--from', 'a', '--archived'], 'either --from or --archived'],
    [['--from', 'none.jsonl'], 'none.jsonl is not usable'],
    [['--stop-if-failing', '101'], 'percentage'],
    [['--stop-if-failing', 'x20'], 'percentage'],
    [['--code', 'image.corupt'], 'did you mean image.corrupt'],
    [['--code', ''], 'empty'],
    [['--key', ''], 'empty'],
    [['--prefix', ''], 'empty'],
    [['--since', '5'], 'ISO 8601'],
    [['--since', '2026-13-01'], 'ISO 8601'],
  ])('with %j is wrong usage, and moves nothing', async (args, text) => {
    expect(await bench.run('redrive', ...args, '--yes')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining(text),
    });
    expect(await left()).toBe(3);
  });

  it('refuses a file that is no export, or is empty', async () => {
    const junk = await folder.file('junk.jsonl', '{"a":1}\n');
    expect(await bench.run('redrive', '--from', junk, '--yes')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining(junk),
    });
    const empty = await folder.file('empty.jsonl', '');
    expect(await bench.run('redrive', '--from', empty, '--yes')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('has no dead letters'),
    });
  });

  it.each([
    ['1d', 3],
    ['2h', 3],
    ['30m', 3],
    [new Date(Date.now() + 3_600_000).toISOString(), 0],
    ['2026-01-31', 3],
  ])('selects dead letters since %s', async (since, planned) => {
    expect((await bench.lines('redrive', '--since', since)).at(-1)).toMatchObject({ planned });
  });

  it('of the whole queue is left to SQS, which moves it after the command has ended', async () => {
    expect(await bench.run('redrive', '--yes', '--reason', 'fixed')).toMatchObject({ code: 0, stdout: '' });
    await eventually('all are moved', async () => (await left()) === 0);
    const [record, task] = await redrives();
    expect(record).toMatchObject({
      type: 'redrive',
      state: 'handed over',
      why: 'fixed',
      what: 'all dead letters',
    });
    expect(task).toMatchObject({ type: 'move-task', Status: expect.any(String) });
    const { stdout } = await bench.run('redrive', 'status');
    expect(stdout).toMatch(/handed over .*all dead letters; fixed\n/);
    expect(stdout).toMatch(/^SQS move task: [A-Z]+, \d+ of 3 moved$/m);
  });
});

describe('millrace redrive cancel', () => {
  it('stops a move task of SQS, and what is left stays', async () => {
    // More than it moves before it is cancelled.
    const more = Array.from({ length: 100 }, (_, index) => letterOf(`${index}.jpg`, 'process.died'));
    await sendAll(bench.ops, queue(), more);
    expect(await bench.lines('redrive', '--rate', '1', '--yes')).toMatchObject([{ state: 'handed over' }]);
    expect((await bench.run('redrive', 'cancel')).code).toBe(2);
    expect(await bench.lines('redrive', 'cancel', '--yes')).toEqual([{ type: 'summary', cancelled: 1 }]);
    expect(await left()).toBeGreaterThan(0);
  });

  it('says so if none is running', async () => {
    expect(await bench.run('redrive', 'cancel', '--yes')).toMatchObject({
      code: 0,
      stderr: 'no redrive is running\n',
    });
    expect(await bench.run('redrive', 'status')).toMatchObject({ code: 0, stdout: 'no redrive yet\n' });
  });
});
