import { readFile } from 'node:fs/promises';
import { DeleteMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { startCommandBench, type CommandBench } from '../support/command-bench.ts';
import { createTestFolder, type TestFolder } from '../support/command-folder.ts';
import { letterOf, sendAll } from '../support/ops.ts';
import { interruptedAt } from '../support/interrupting.ts';
import { countMessages, listKeys } from '../support/pipeline.ts';
import { storeReport } from '../support/stored.ts';
import { jsonLines } from '../support/json-lines.ts';

let bench: CommandBench;
let folder: TestFolder;
beforeEach(async () => {
  [bench, folder] = await Promise.all([startCommandBench(), createTestFolder()]);
});
afterEach(async () => {
  await bench.stop();
  await folder.remove();
});

const queue = () => bench.ops.deployment.deadLetterQueueUrl;
const left = () => countMessages(bench.sqs, queue());

/** Sends two corrupt uploads, and one whose process died. */
async function sendThree(): Promise<void> {
  const letters = [letterOf('a.jpg', 'image.corrupt'), letterOf('b.jpg', 'image.corrupt')];
  await sendAll(bench.ops, queue(), [...letters, letterOf('c.jpg', 'process.died')]);
}

/** Returns the keys in a file of copies. */
async function keysIn(file: string): Promise<string[]> {
  const copies = jsonLines<{ objects: { key: string }[] }>(await readFile(file, 'utf8'));
  return copies.flatMap(({ objects }) => objects.map(({ key }) => key)).toSorted();
}

describe('millrace dlq', () => {
  it('lists the dead letters by code, the largest group first, and leaves them in the queue', async () => {
    await sendThree();
    const { code, stdout, stderr } = await bench.run('dlq');
    expect(code).toBe(0);
    const rows = stdout
      .trimEnd()
      .split('\n')
      .map((row) => row.split(/ {2,}/));
    expect(rows).toEqual([
      ['CODE', 'COUNT', 'OLDEST', 'EXPIRES IN', 'RETRY', 'SAMPLE'],
      [
        'image.corrupt',
        '2',
        expect.any(String),
        expect.stringMatching(/^1[34] d/),
        'fix the cause first',
        expect.stringMatching(/^[ab]\.jpg$/),
      ],
      ['process.died', '1', expect.any(String), expect.any(String), 'can help', 'c.jpg'],
    ]);
    expect(stderr).toContain('3 dead letters.');
    expect(await left()).toBe(3);
  });

  it('as JSON ends with a summary', async () => {
    await sendThree();
    expect(await bench.lines('dlq')).toMatchObject([
      { type: 'group', code: 'image.corrupt', count: 2 },
      { type: 'group', code: 'process.died', count: 1, retryCanHelp: true },
      { type: 'summary', deadLetters: 3, codes: 2 },
    ]);
  });

  it('says so if there are none', async () => {
    expect(await bench.run('dlq')).toEqual({ code: 0, stdout: 'no dead letters\n', stderr: '' });
  });
});

describe('millrace dlq show', () => {
  it('shows one dead letter with its failure report', async () => {
    await sendThree();
    const source = { etag: 'e', versionId: 'v', lastModified: new Date(0).toISOString() };
    const logs = { logGroup: 'group', logStream: 'stream', requestId: 'request' };
    await storeReport(bench.s3, { bucket: 'uploads', key: 'a.jpg' }, 'a.jpg', { source, ...logs });
    const { code, stdout } = await bench.run('dlq', 'show', 'a.jpg');
    expect(code).toBe(0);
    const shown = Object.fromEntries(
      stdout
        .trimEnd()
        .split('\n')
        .map((line) => [line.slice(0, 20).trim(), line.slice(20)]),
    );
    expect(shown).toMatchObject({
      object: 's3://uploads/a.jpg',
      code: 'image.corrupt (fix the cause first)',
      reason: 'because of image.corrupt',
      attempts: '1',
      'attribute code': 'image.corrupt',
      report: expect.stringMatching(/^failed at .*, recipe r$/),
      source: 'e, version v, of 1970-01-01T00:00:00.000Z',
      logs: 'group stream, request request',
      sent: expect.stringMatching(/^\d{4}-.*Z$/),
      expires: expect.stringMatching(/^\d{4}-.*Z$/),
      body: expect.stringContaining('a.jpg'),
    });
    expect(await bench.lines('dlq', 'show', 'a.jpg')).toMatchObject([
      { type: 'dead-letter', code: 'image.corrupt', report: { logGroup: 'group' } },
    ]);
    expect((await bench.run('dlq', 'show', 'c.jpg')).stdout).toContain(
      'process.died (trying again can help)',
    );
  });

  it('shows a message that names no upload, without its control characters', async () => {
    await sendAll(bench.ops, queue(), [{ MessageBody: 'junk\tand more' }]);
    const [letter] = await bench.lines('dlq', 'show', String((await bench.lines('dlq'))[0]?.['sample']));
    expect(letter).toMatchObject({ body: 'junk\tand more', objects: [] });
    const { stdout } = await bench.run('dlq', 'show', String(letter?.['id']));
    expect(stdout).toContain('junk\\tand more');
  });

  it('shows attributes that are not text in base64, and a report about a bucket without versions', async () => {
    const { MessageAttributes, ...letter } = letterOf('a.jpg', 'image.corrupt');
    const raw = { DataType: 'Binary', BinaryValue: Buffer.from('raw') };
    await sendAll(bench.ops, queue(), [{ ...letter, MessageAttributes: { ...MessageAttributes, raw } }]);
    await storeReport(bench.s3, { bucket: 'uploads', key: 'a.jpg' });
    const { code, stdout } = await bench.run('dlq', 'show', 'a.jpg');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^attribute raw +cmF3 \(Binary, base64\)$/m);
    expect(stdout).toMatch(/^source +e, of 1970-/m);
  });

  it('fails if there is no such dead letter', async () => {
    expect(await bench.run('dlq', 'show', 'none')).toMatchObject({ code: 1, stdout: '' });
  });
});

describe('millrace dlq export', () => {
  it('copies what it is asked for into a new file, and leaves it in the queue', async () => {
    await sendThree();
    const file = folder.at('copies.jsonl');
    const exported = await bench.run('dlq', 'export', file, '--code', 'image.corrupt');
    expect(exported).toMatchObject({ code: 0, stdout: '', stderr: `2 dead letters copied into ${file}\n` });
    expect(await keysIn(file)).toEqual(['a.jpg', 'b.jpg']);
    expect(await left()).toBe(3);
    const other = folder.at('other.jsonl');
    expect(await bench.lines('dlq', 'export', other)).toEqual([
      { type: 'summary', exported: 3, file: other },
    ]);
    const again = await bench.run('dlq', 'export', file);
    expect(again).toMatchObject({ code: 2, stderr: expect.stringContaining('already exists') });
    expect(await keysIn(file)).toEqual(['a.jpg', 'b.jpg']);
  });

  it('writes no file if there is nothing to copy', async () => {
    const file = folder.at('none.jsonl');
    expect(await bench.run('dlq', 'export', file)).toMatchObject({
      code: 0,
      stderr: 'no dead letters; no file was written\n',
    });
    expect(await bench.lines('dlq', 'export', file)).toEqual([{ type: 'summary', exported: 0 }]);
    const none = await bench.run('dlq', 'export', file, '--key', 'none');
    expect(none).toMatchObject({ code: 1, stderr: expect.not.stringContaining('no file was written') });
    await expect(readFile(file)).rejects.toThrow('ENOENT');
  });
});

describe('millrace dlq purge', () => {
  const purge = (...args: string[]) =>
    bench.run('dlq', 'purge', '--export', folder.at('purged.jsonl'), ...args);

  it('deletes what it is asked for, after a copy', async () => {
    await sendThree();
    const { code, stderr } = await purge('--code', 'image.corrupt', '--yes');
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: `2 dead letters deleted; copies in ${folder.at('purged.jsonl')}\n`,
    });
    expect(await keysIn(folder.at('purged.jsonl'))).toEqual(['a.jpg', 'b.jpg']);
    expect(await left()).toBe(1);
  });

  it('deletes nothing without --yes, without a copy, or into a file that exists', async () => {
    await sendThree();
    expect(await purge()).toMatchObject({ code: 2, stderr: expect.stringContaining('confirm with --yes') });
    expect((await bench.run('dlq', 'purge', '--yes')).code).toBe(2);
    await folder.file('purged.jsonl', 'mine');
    expect((await purge('--yes')).code).toBe(2);
    expect(await readFile(folder.at('purged.jsonl'), 'utf8')).toBe('mine');
    expect(await left()).toBe(3);
  });

  it('fails if nothing matches, but not if there is nothing at all', async () => {
    expect(await purge('--yes')).toMatchObject({ code: 0, stderr: 'no dead letters; no file was written\n' });
    const none = await purge('--key', 'none', '--yes');
    expect(none).toMatchObject({ code: 1, stderr: expect.not.stringContaining('no file was written') });
  });

  it('as JSON prints a summary, which names the file if there is one', async () => {
    const all = ['dlq', 'purge', '--export', folder.at('purged.jsonl'), '--yes'];
    const counts = { type: 'summary', notDeleted: 0, unseen: 0 };
    expect(await bench.lines(...all)).toEqual([{ ...counts, deleted: 0 }]);
    await sendThree();
    expect(await bench.lines(...all)).toEqual([{ ...counts, deleted: 3, file: folder.at('purged.jsonl') }]);
  });

  it('that is interrupted ends with 130, and has a copy of whatever it deleted', async () => {
    await sendThree();
    const { code, stderr } = await interruptedAt(/^POST /, () => purge('--yes'));
    expect(code).toBe(130);
    expect(stderr).toContain('interrupted; what was not deleted is in the queue');
    expect(await left()).toBe(3);
  });
});

describe('millrace dlq archive', () => {
  it('moves dead letters of an age into the failure bucket', async () => {
    await sendThree();
    expect((await bench.run('dlq', 'archive', '--older-than', '0')).code).toBe(2);
    const asking = await bench.run('dlq', 'archive');
    expect(asking).toMatchObject({ code: 2, stderr: expect.stringMatching(/older than \d\d days/) });
    expect(await bench.run('dlq', 'archive', '--yes')).toMatchObject({ stderr: '0 dead letters archived\n' });
    expect(await left()).toBe(3);
    expect(await bench.lines('dlq', 'archive', '--older-than', '0', '--yes')).toEqual([
      { type: 'summary', archived: 3, notDeleted: 0, unseen: 0 },
    ]);
    expect(await left()).toBe(0);
    expect(await listKeys(bench.s3, 'failures')).toHaveLength(3);
  });

  it('ends with 1 if SQS deletes none of what it copied', async () => {
    await sendThree();
    refuseDeletions();
    const { code, stdout, stderr } = await bench.run(
      'dlq',
      'archive',
      '--older-than',
      '0',
      '--yes',
      '--json',
    );
    expect(code).toBe(1);
    expect(jsonLines(stdout)).toEqual([{ type: 'summary', archived: 0, notDeleted: 3, unseen: 0 }]);
    expect(stderr).toContain('3 dead letters copied but still in the queue; run the archive again');
    expect(await listKeys(bench.s3, 'failures')).toHaveLength(3);
  });
});

/** Lets SQS refuse the deletion of every message, until the end of the test. */
function refuseDeletions(): void {
  const send = SQSClient.prototype.send as (this: SQSClient, command: unknown) => unknown;
  const refusing = vi.spyOn(SQSClient.prototype, 'send').mockImplementation(function (
    this: SQSClient,
    command: unknown,
  ) {
    if (!(command instanceof DeleteMessageBatchCommand)) return send.call(this, command);
    const { Entries = [] } = command.input;
    return Promise.resolve({
      Failed: Entries.map(({ Id }) => ({ Id, SenderFault: false, Code: 'InternalError' })),
    });
  });
  onTestFinished(() => refusing.mockRestore());
}
