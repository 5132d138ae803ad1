import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { setUp } from './model.ts';

/** Collects all garbage. A WeakRef keeps its target until the current task ends. */
async function collectGarbage(): Promise<void> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  for (let round = 0; round < 2; round += 1) {
    await setImmediate();
    collect();
  }
}

const inMemory = (messages: readonly WeakRef<object>[]) =>
  messages.filter((each) => each.deref() !== undefined).length;

it('a deleted message does not take memory until its visibility timeout ends', async () => {
  const { sqs } = setUp();
  const queue = sqs.createQueue('q', { VisibilityTimeout: '43200' }, {});
  const messages = Array.from({ length: 100 }, () => new WeakRef(sqs.send(queue, { body: 'x' })));
  for (let batch = 0; batch < 10; batch += 1) {
    const received = sqs.receive(queue, 10);
    if (batch < 9) for (const { receipt } of received) sqs.delete(queue, receipt);
  }
  await collectGarbage();
  expect(inMemory(messages)).toBeLessThan(20);
});
