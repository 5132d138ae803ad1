import { createSqsModel, noJournal, type Random } from '@millrace/local-aws/models';
import { SETTINGS } from '../../src/core/settings.ts';
import { virtualClock } from './clock.ts';

/**
 * A naive batch consumer: a message is deleted if its whole batch succeeded, and SQS moves messages that were received
 * too often. Returns the moved messages. Messages arrive in the order of sending, so that a batch stays together in
 * each receive, or in any order.
 */
export function consumeNaively(
  messages: readonly string[],
  poison: ReadonlySet<string>,
  batchSize: number,
  order: 'sent' | Random,
): string[] {
  const clock = virtualClock();
  const sqs = createSqsModel({
    clock,
    random: Math.random,
    journal: noJournal,
    region: 'us-east-1',
    accountId: '0',
    ...(order === 'sent' ? {} : { chooseOnReceive: (visible: number) => Math.floor(order() * visible) }),
  });
  const dead = sqs.createQueue('dead', {}, {});
  const RedrivePolicy = JSON.stringify({
    deadLetterTargetArn: dead.arn,
    maxReceiveCount: SETTINGS.maxReceiveCount,
  });
  const queue = sqs.createQueue('uploads', { RedrivePolicy }, {});
  for (const body of messages) sqs.send(queue, { body });

  for (let left = messages.length; left > 0; left = [...queue.all()].length) {
    while (queue.visible() > 0) {
      const batch = sqs.receive(queue, batchSize);
      // One of them kills the process, and with it the work on the others.
      if (batch.some(({ body }) => poison.has(body))) continue;
      for (const { receipt } of batch) sqs.delete(queue, receipt);
    }
    clock.moveTo(clock.now() + queue.settings.visibilitySeconds * 1000);
  }
  return [...dead.all()].map(({ body }) => body);
}
