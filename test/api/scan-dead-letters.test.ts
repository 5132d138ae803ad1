import type { ReceiveMessageCommandInput } from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OpsContext } from '../../src/ops/context.ts';
import { scanDeadLetters, type ScanLimits } from '../../src/api/scan-dead-letters.ts';
import { queueState } from '../../src/ops/dead-letters/queue-state.ts';
import { readDeadLetters } from '../../src/ops/dead-letters/reader.ts';
import { letterOf, opsOf, sendAll } from '../support/ops.ts';
import { startBench, type Bench } from '../support/worker.ts';

let bench: Bench;
let ops: OpsContext;
let dead: string;
beforeEach(async () => {
  bench = await startBench();
  ops = opsOf(bench);
  dead = ops.deployment.deadLetterQueueUrl;
  await sendAll(
    ops,
    dead,
    Array.from({ length: 120 }, (_, index) => letterOf(`photos/${index}.jpg`, 'image.corrupt')),
  );
});
afterEach(() => bench.stop());

async function look(bounds: ScanLimits): Promise<{ count: number; complete: boolean }> {
  const { letters, complete } = await scanDeadLetters(ops, {}, bounds);
  let count = 0;
  for await (const _letter of letters) count += 1;
  return { count, complete: complete() };
}

const visible = async () => (await queueState(ops, dead)).visible;

describe('an interactive scan of the dead letters', () => {
  it('sees all of them if there are few enough', async () => {
    expect(await look({ letters: 120, seconds: 60 })).toEqual({ count: 120, complete: true });
    expect(await visible()).toBe(120);
  });

  it('ends at its limits of messages and time, reports this, and leaves nothing hidden', async () => {
    expect(await look({ letters: 119, seconds: 60 })).toEqual({ count: 119, complete: false });
    expect(await visible()).toBe(120);
    expect(await look({ letters: 120, seconds: 0 })).toEqual({ count: 0, complete: false });
    expect(await visible()).toBe(120);
  });

  it('never waits for SQS', async () => {
    const waits = new Set<number | undefined>();
    ops.sqs.middlewareStack.add(
      (next, { commandName }) =>
        (args) => {
          if (commandName === 'ReceiveMessageCommand')
            waits.add((args.input as ReceiveMessageCommandInput).WaitTimeSeconds);
          return next(args);
        },
      { step: 'initialize' },
    );
    await look({ letters: 500, seconds: 60 });
    expect([...waits]).toEqual([0]);
  });
});

describe('a scan with short polls', () => {
  it('does not end at an empty response, because SQS queries only some of its servers', async () => {
    let asked = 0;
    ops.sqs.middlewareStack.add(
      (next, { commandName }) =>
        (args) => {
          if (commandName === 'ReceiveMessageCommand') asked += 1;
          // Every second server has none.
          const empty = { output: { $metadata: {} }, response: undefined };
          return commandName === 'ReceiveMessageCommand' && asked % 2 === 1
            ? Promise.resolve(empty)
            : next(args);
        },
      { step: 'initialize' },
    );
    const reader = readDeadLetters(ops.sqs, dead, 'short');
    let read = 0;
    for (let page = await reader.next(); page !== undefined; page = await reader.next()) read += page.length;
    expect(read).toBe(120);
    await reader.release();
  });
});
