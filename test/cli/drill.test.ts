import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startCommandBench, type CommandBench } from '../support/command-bench.ts';
import { millraceHere } from '../support/command-here.ts';
import { eventually } from '../support/eventually.ts';
import { interruptedAt } from '../support/interrupting.ts';
import { jsonLines } from '../support/json-lines.ts';
import { letterOf, sendAll } from '../support/ops.ts';
import { countMessages, listKeys } from '../support/pipeline.ts';
import { startRefusingPipeline } from '../support/refusing-pipeline.ts';

let bench: CommandBench;
beforeEach(async () => {
  bench = await startCommandBench();
});
afterEach(() => bench.stop());

const isEmpty = (queueUrl: string) => async () => (await countMessages(bench.sqs, queueUrl)) === 0;

/** Runs a drill. The test takes the role of the worker and of the alarm. */
async function drill(...options: string[]) {
  const running = bench.run('drill', '--yes', ...options);
  const key = await eventually('the poison object is uploaded', async () => {
    const keys = await listKeys(bench.s3, 'uploads');
    return keys.find((each) => each.startsWith('.millrace-drill/'));
  });
  const { deadLetterQueueUrl, retryQueueUrl } = bench.ops.deployment;
  await sendAll(bench.ops, deadLetterQueueUrl, [letterOf(key, 'image.corrupt', 'no\u001bimage')]);
  bench.alarm = 'alarm';
  await eventually('it is redriven', async () => !(await isEmpty(retryQueueUrl)()));
  await bench.convert(key);
  return { key, ...(await running) };
}

describe('millrace drill', () => {
  it('passes, with a line for each step', async () => {
    const { code, stdout, stderr, key } = await drill();
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const lines = stdout.trimEnd().split('\n');
    expect(lines.slice(0, 3)).toEqual([
      `ok  uploaded a poison object: s3://uploads/${key}`,
      'ok  it is in the dead-letter queue: image.corrupt: no\\u001bimage',
      'ok  the alarm is in ALARM',
    ]);
    expect(lines.at(-1)).toMatch(/^drill passed \([\d.]+ s\)$/);
  });

  it('as JSON ends with a summary', async () => {
    const begun = performance.now();
    const { code, stdout, key } = await drill('--json');
    const passed = (performance.now() - begun) / 1000;
    const lines = jsonLines(stdout);
    expect([code, lines[0]]).toEqual([
      0,
      { type: 'step', text: `uploaded a poison object: s3://uploads/${key}` },
    ]);
    const { seconds, ...summary } = lines.at(-1) ?? {};
    expect(summary).toMatchObject({
      type: 'summary',
      passed: true,
      key,
      code: 'image.corrupt',
      alarmed: true,
      results: [{ rendition: 'web' }],
    });
    expect(seconds).toBeGreaterThan(0.1);
    // Rounded.
    expect(seconds).toBeLessThan(passed + 0.01);
  });

  it('that fails ends with 1 and the step that did not happen', async () => {
    const reason = 'timed out after 1 s, before the poison object is in the dead-letter queue';
    const { code, stdout, stderr } = await bench.run('drill', '--yes', '--timeout', '1', '--json');
    expect({ code, stderr }).toEqual({ code: 1, stderr: `millrace: drill failed: ${reason}\n` });
    expect(jsonLines(stdout).at(-1)).toEqual({ type: 'summary', passed: false, reason });
    expect(await listKeys(bench.s3, 'uploads')).toEqual([]);
    expect((await bench.run('drill', '--yes', '--timeout', '1')).stdout).toMatch(/^ok {2}uploaded .*\n$/);
  });

  it('that is interrupted ends with 130', async () => {
    const interrupted = interruptedAt(/^PUT \/uploads/, () => bench.run('drill', '--yes'));
    expect(await interrupted).toMatchObject({
      code: 130,
      stderr: expect.stringContaining('drill failed: interrupted before '),
    });
    expect(await listKeys(bench.s3, 'uploads')).toEqual([]);
  });

  it('that is refused is no failed drill', async () => {
    const refusing = await startRefusingPipeline(bench.ops.deployment, 403, '');
    const { code, stdout, stderr } = await millraceHere('drill', '--yes', '--endpoint', refusing.url);
    await refusing.stop();
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
    expect(stderr).toMatch(/^millrace: not allowed: /m);
  });

  it('uploads nothing without --yes', async () => {
    expect(await bench.run('drill')).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringContaining(`Send a poison object through ${bench.url}?`),
    });
    expect(await listKeys(bench.s3, 'uploads')).toEqual([]);
  });
});
