import { REDRIVE_LIMITS } from '../../src/core/redrive-limits.ts';
import { newRecord, openRecord } from '../../src/ops/redrive/record.ts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startCommandBench, type CommandBench } from '../support/command-bench.ts';
import { createTestFolder, type TestFolder } from '../support/command-folder.ts';
import { eventually } from '../support/eventually.ts';
import { interruptedAt } from '../support/interrupting.ts';
import { jsonLines } from '../support/json-lines.ts';
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
    expect((await bench.run('redrive', '--code', 'process.died')).code).toBe(0);
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

  it('counts objects that are gone', async () => {
    const { code, stdout } = await bench.run('redrive', '--key', 'a.jpg', '--wait', '--yes');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^1 moved, 0 converted, 0 failed again, 1 gone, 0 pending \(/);
  });

  it('moves what a file has, and leaves out what it has not', async () => {
    const file = folder.at('copies.jsonl');
    await bench.run('dlq', 'export', file, '--code', 'process.died');
    expect(await bench.run('redrive', '--from', file, '--yes')).toMatchObject({ code: 0 });
    expect([await left(), await retried()]).toEqual([2, 1]);
  });

  it('moves the archive', async () => {
    await bench.run('dlq', 'archive', '--older-than', '0', '--yes');
    expect((await bench.lines('redrive', '--archived')).at(-1)).toMatchObject({ planned: 3 });
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

  it('with a file and a filter moves those that match', async () => {
    const file = folder.at('copies.jsonl');
    await bench.run('dlq', 'export', file);
    const filtered = ['redrive', '--from', file, '--code', 'image.corrupt'];
    expect((await bench.lines(...filtered)).at(-1)).toMatchObject({ planned: 2 });
    expect((await bench.lines(...filtered, '--yes')).at(-1)).toMatchObject({ state: 'done', moved: 2 });
    expect([await left(), await retried()]).toEqual([1, 2]);
  });

  it('with a limit for failures is not left to SQS', async () => {
    expect(await bench.run('redrive', '--stop-if-failing', '50%', '--yes')).toMatchObject({ code: 0 });
    expect(await redrives()).toMatchObject([{ state: 'done', counts: { moved: 3 } }]);
  });

  it('that is interrupted ends with 130, and leaves what it has not moved', async () => {
    const all = ['redrive', '--stop-if-failing', '50%', '--yes', '--json'];
    const { code, stdout, stderr } = await interruptedAt(/^PUT \/failures/, () => bench.run(...all));
    expect(code).toBe(130);
    expect(stderr).toContain('interrupted; messages not moved stay in their queue');
    const [summary] = jsonLines(stdout);
    expect(summary).toMatchObject({ type: 'summary', state: 'interrupted' });
    expect((await left()) + Number(summary?.['moved'])).toBe(3);
  });

  it('of the whole queue is left to SQS, which moves it after the command has ended', async () => {
    expect(await bench.run('redrive', '--yes', '--reason', 'fixed')).toMatchObject({
      code: 0,
      stdout: '',
      stderr: expect.stringContaining(`at most ${REDRIVE_LIMITS.rate} per second`),
    });
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

describe('a redrive whose object fails again', () => {
  const KEY = 'c\u001b.jpg';

  /** Redrives an object that fails again, as the worker would report it. */
  async function failAgain(...options: string[]) {
    await bench.upload(KEY);
    await sendAll(bench.ops, queue(), [letterOf(KEY, 'process.died')]);
    const running = bench.run('redrive', '--key', KEY, '--yes', ...options);
    const [record] = await eventually('the message is in the retry queue', async () => {
      const records = bench.retry.receive(10);
      return records.length > 0 && records;
    });
    await bench.fail(KEY, { messageId: record?.messageId ?? '', message: 'still\u001b broken' });
    return running;
  }

  it('ends with 1, and shows its key and message without control characters', async () => {
    const { code, stdout } = await failAgain('--wait');
    expect(code).toBe(1);
    expect(stdout).toMatch(
      /^failed again {2}c\\u001b\.jpg {2}image\.corrupt {2}still\\u001b broken\n1 moved, 0 converted, 1 failed again, 0 pending \(/,
    );
  });

  it('as JSON prints a line for the object, then a summary', async () => {
    const { code, stdout } = await failAgain('--wait', '--json');
    expect(code).toBe(1);
    expect(jsonLines(stdout)).toEqual([
      { type: 'failed-again', key: KEY, code: 'image.corrupt', message: 'still\u001b broken' },
      {
        type: 'summary',
        id: expect.any(String),
        state: 'done',
        moved: 1,
        converted: 0,
        failedAgain: 1,
        gone: 0,
        pending: 0,
      },
    ]);
  });

  it('stops if it is the canary', async () => {
    const { code, stderr } = await failAgain('--canary', '1', '--stop-if-failing', '0');
    expect(code).toBe(1);
    expect(stderr).toMatch(/^millrace: stopped: .*; messages not moved stay in their queue$/m);
    expect(await redrives()).toMatchObject([{ state: 'stopped', reason: expect.any(String) }]);
  });
});

describe('millrace redrive status', () => {
  it('shows the outcome of each redrive, and whose process has died', async () => {
    const request = { who: 'someone', why: 'fixed', what: 'all dead letters' };
    const counts = { moved: 4, converted: 3, failedAgain: 1, gone: 0, pending: 0 };
    const old = { startedAt: '2026-01-31T08:00:00.000Z', updatedAt: '2026-01-31T08:01:00.000Z' };
    await openRecord(bench.ops, newRecord({ ...request, state: 'stopped', reason: 'too many', counts }));
    await openRecord(bench.ops, newRecord({ ...request, why: '', ...old }));
    await openRecord(bench.ops, newRecord({ ...request, why: '', state: 'done', ...old }));
    await openRecord(bench.ops, newRecord({ ...request, why: '' }));
    const { code, stdout } = await bench.run('redrive', 'status');
    const [heading, ...rows] = stdout
      .trimEnd()
      .split('\n')
      .map((row) => row.split(/ {2,}/));
    expect([code, heading]).toEqual([
      0,
      ['STARTED', 'STATE', 'MOVED', 'CONVERTED', 'FAILED AGAIN', 'WHO', 'WHAT'],
    ]);
    const about = (state: string, ...moved: string[]) => [state, ...moved, 'someone', 'all dead letters'];
    const silent = 'running, but no sign of life since 2026-01-31T08:01:00.000Z';
    expect(rows.map(([, ...cells]) => cells.join(' | ')).toSorted()).toEqual(
      [
        about('done', '0', '0', '0'),
        about('running', '0', '0', '0'),
        about(silent, '0', '0', '0'),
        [...about('stopped', '4', '3', '1').slice(0, -1), 'all dead letters; fixed; too many'],
      ]
        .map((cells) => cells.join(' | '))
        .toSorted(),
    );
  });
});

describe('millrace redrive cancel', () => {
  it('asks each running redrive to stop, wherever it was started', async () => {
    const about = { who: 'someone', why: '', what: 'all dead letters' };
    await openRecord(bench.ops, newRecord(about));
    await openRecord(bench.ops, newRecord({ ...about, state: 'done' }));
    expect(await bench.run('redrive', 'cancel', '--yes')).toMatchObject({
      code: 0,
      stderr: '1 redrive asked to stop\n',
    });
    expect((await redrives()).filter(({ cancelRequested }) => cancelRequested)).toMatchObject([
      { state: 'running' },
    ]);
  });

  it('stops a move task of SQS, and what is left stays', async () => {
    // More than it moves before it is cancelled.
    const more = Array.from({ length: 100 }, (_, index) => letterOf(`${index}.jpg`, 'process.died'));
    await sendAll(bench.ops, queue(), more);
    expect(await bench.lines('redrive', '--rate', '1', '--yes')).toMatchObject([
      { type: 'summary', state: 'handed over' },
    ]);
    // SQS allows one at a time.
    expect(await bench.run('redrive', '--yes')).toMatchObject({ code: 3 });
    expect((await redrives()).filter(({ state }) => state === 'failed')).toMatchObject([
      { reason: expect.any(String) },
    ]);
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
