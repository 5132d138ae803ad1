import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OpsContext } from '../../src/ops/context.ts';
import { cancelMoveTasks, listMoveTasks, startMoveTask } from '../../src/ops/redrive/move-task.ts';
import { eventually } from '../support/eventually.ts';
import { letterOf, opsOf, sendAll } from '../support/ops.ts';
import { countMessages } from '../support/pipeline.ts';
import { startBench, type Bench } from '../support/worker.ts';

const COUNT = 100;

let bench: Bench;
let ops: OpsContext;
let dead: string;
beforeEach(async () => {
  bench = await startBench();
  ops = opsOf(bench);
  dead = ops.deployment.deadLetterQueueUrl;
  const letters = Array.from({ length: COUNT }, (_, index) => letterOf(`${index}.jpg`, 'process.died'));
  await sendAll(ops, dead, letters);
});
afterEach(() => bench.stop());

const inAllQueues = async () =>
  (await countMessages(ops.sqs, dead)) + (await countMessages(ops.sqs, ops.deployment.retryQueueUrl));

describe('a move task', () => {
  it('is not in the list before it is started', async () => {
    expect(await listMoveTasks(ops)).toEqual([]);
    expect(await cancelMoveTasks(ops)).toBe(0);
  });

  it('is known by its handle while it is running', async () => {
    const handle = await startMoveTask(ops, 1);
    expect(handle).not.toBe('');
    expect(await listMoveTasks(ops)).toMatchObject([{ Status: 'RUNNING', TaskHandle: handle }]);
  });

  it('that is cancelled leaves the rest in the queue, and cannot be cancelled again', async () => {
    await startMoveTask(ops, 1);
    expect(await cancelMoveTasks(ops)).toBe(1);
    expect(await cancelMoveTasks(ops)).toBe(0);
    await eventually('it is cancelled', async () => (await listMoveTasks(ops))[0]?.Status === 'CANCELLED');
    expect(await countMessages(ops.sqs, dead)).toBeGreaterThan(0);
    expect(await inAllQueues()).toBe(COUNT);
  });

  it('that is over is listed after a newer one', async () => {
    await startMoveTask(ops);
    await eventually('it is over', async () => (await listMoveTasks(ops))[0]?.Status === 'COMPLETED');
    await startMoveTask(ops, 1);
    expect(await listMoveTasks(ops)).toMatchObject([
      { MaxNumberOfMessagesPerSecond: 1 },
      { Status: 'COMPLETED' },
    ]);
  });
});
